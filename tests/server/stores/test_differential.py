"""Both stores answer 10,000 random operations of several owners alike, with the same numbers."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.timestamps import format_timestamp
from memoryos_server.service.operations import Result, open_service

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

OPERATIONS = 10_000
SEED = 13
OWNERS = ("ada", "bo", "cleo")
TIERS = ("short", "medium", "long")
SEPARATE = (
    "tea coffee garden piano train winter letter running runner Café cafe foo_bar river O'Brien "
    "O\u2019Brien naïve 7 2026 东京 東京都に राम रामायण C++ C# R&D straße strasse "
    "🍵 x-ray x\u2011ray "
    "don't \uff34ea a.b.c music musical doctor Mu\u0308ller cooperate co\u00adoperate"
)
WORDS = SEPARATE.split(" ")
VALUES = (
    None,
    True,
    1,
    1.0,
    100,
    1e2,
    "1",
    "a\0",
    [1, {"x": 1}],
    {"x": 1, "y": 2},
    {"y": 2.0, "x": 1},
)
KEYS = (None, "note", "NOTE", "a\0")
NAMES = ("O'Brien", "राम", "C", "東京", "x-ray", "🍵", "Café", "tea garden", "nobody")


class Pair:
    """The same calls on SQLite and on PostgreSQL; their answers must be equal."""

    def __init__(self, services, user_of, clock):
        self.users = {owner: [user_of(one, owner) for one in services] for owner in OWNERS}
        self.memories = {owner: [] for owner in OWNERS}
        self.entities = {owner: [] for owner in OWNERS}
        self.clock = clock

    def call(self, owner, method, *args, **options):
        answers = [_answer(user, method, args, options) for user in self.users[owner]]
        for answer in answers:
            if isinstance(answer, dict):
                answer.pop("retrieval_time_ms", None)
        assert answers[0] == answers[1], (owner, method, args, options)
        return answers[0]

    def known(self, chance, owner):
        """The id of one of the owner's memories, which may have expired."""
        known = self.memories[owner]
        return chance.choice(known) if known else None


def _answer(user, method, args, options):
    try:
        answer = getattr(user, method)(*args, **options)
    except ServiceError as error:
        return error.status, error.code, error.message
    return (answer.data, answer.meta) if isinstance(answer, Result) else answer


def text(chance):
    return " ".join(chance.choices(WORDS, k=chance.choice([1, 2, 5, 9, 14])))


def metadata(chance, pair, owner):
    made = {"tags": chance.sample(["red", "green", "Ünter"], chance.randint(0, 2))}
    made.update((name, chance.choice(VALUES)) for name in chance.sample("abc", 2))
    if pair.entities[owner] and chance.random() < 0.3:
        made["entities"] = [chance.choice(pair.entities[owner])]
    return made


def create(chance, pair, owner):
    kind = chance.choice(["text", "fact", "conversation"])
    memory = pair.call(
        owner,
        "create",
        text(chance),
        tier=chance.choice(TIERS),
        content_type=kind,
        metadata=metadata(chance, pair, owner),
        external_id=chance.choice(KEYS),
        importance_score=chance.choice([0, 0.5, 1]),
    )
    pair.memories[owner].append(memory["id"])


def upsert(chance, pair, owner):
    given = {
        "tags": chance.sample(["red", "blue"], chance.randint(0, 2)),
        "content_type": chance.choice(["text", "conversation"]),
        "created_at": "2026-11-20T10:00:00Z",
        "access_count": 3,
    }
    memory = pair.call(
        owner,
        "create",
        chance.choice(["tea in the garden", text(chance)]),
        external_id=chance.choice(["a", "b", "c"]),
        upsert=True,
        upsert_within=chance.sample(["red"], chance.randint(0, 1)),
        tier="long",
        **{name: given[name] for name in chance.sample(sorted(given), chance.randint(0, 3))},
    )
    if memory["id"] not in pair.memories[owner]:
        pair.memories[owner].append(memory["id"])


def update(chance, pair, owner):
    if (known := pair.known(chance, owner)) is not None:
        change = chance.choice(
            [
                {"content": text(chance)},
                {"metadata": metadata(chance, pair, owner)},
                {"tier": chance.choice(TIERS)},
                {"importance_score": 0.7},
                {"tags": chance.sample(["red", "blue"], chance.randint(0, 2))},
                {"content": text(chance), "if_updated_at": "2026-11-22T10:00:00Z"},
            ]
        )
        pair.call(owner, "update", known, **change)


def delete(chance, pair, owner):
    if (known := pair.known(chance, owner)) is not None:
        pair.call(owner, "delete", known)
        pair.memories[owner].remove(known)


def get(chance, pair, owner):
    if (known := pair.known(chance, owner)) is not None:
        pair.call(owner, "get", known)


def filters(chance, pair, owner):
    made = {}
    if chance.random() < 0.2:
        made["tier"] = chance.choice(TIERS)
    if chance.random() < 0.2:
        made["tags"] = [chance.choice(["red", "green", "u\u0308nter", "Ünter"])]
    if pair.entities[owner] and chance.random() < 0.3:
        made["entities"] = [chance.choice(pair.entities[owner])]
    return {**made, **more_filters(chance, pair)}


def more_filters(chance, pair):
    made = {}
    if chance.random() < 0.1:
        made["metadata"] = {name: chance.choice(VALUES) for name in chance.sample("abc", 1)}
    if chance.random() < 0.1:
        made["external_id"] = chance.choice(KEYS) or ""
    if chance.random() < 0.1:
        made["content_type"] = "fact"
    for name in ("created_after", "created_before"):
        if chance.random() < 0.1:
            time = pair.clock.now - timedelta(seconds=chance.choice([1, 60, 3600]))
            made[name] = format_timestamp(time)
    return made


def search(chance, pair, owner):
    pair.call(
        owner,
        "search",
        text(chance),
        threshold=chance.choice([0, 0.3, 0.7]),
        limit=chance.choice([1, 5, 20]),
        highlights=chance.random() < 0.2,
        explain=chance.random() < 0.2,
        **filters(chance, pair, owner),
    )


def context(chance, pair, owner):
    pair.call(
        owner,
        "context",
        text(chance),
        max_tokens=chance.choice([50, 400]),
        format=chance.choice(["text", "json"]),
        **filters(chance, pair, owner),
    )


def create_entity(chance, pair, owner):
    if len(pair.entities[owner]) < 20:
        aliases = chance.sample(NAMES, 2)
        entity = pair.call(owner, "create_entity", chance.choice(NAMES), aliases=aliases)
        pair.entities[owner].append(entity["id"])


def look(chance, pair, owner):
    pair.call(owner, chance.choice(["tags", "entities"]))
    pair.call(owner, "page", limit=10, offset=chance.choice([0, 5]), **more_filters(chance, pair))


STEPS = {
    create: 20,
    upsert: 6,
    update: 14,
    delete: 20,
    get: 8,
    search: 18,
    context: 4,
    create_entity: 2,
    look: 6,
}


@pytest.fixture
def pair(user_of, clock, new_database):
    services = []
    for place in (":memory:", new_database()):
        ids = (f"00000000-0000-4000-8000-{number:012}" for number in range(10**6))
        service = open_service(place, embedder=None, clock=clock, new_id=ids.__next__)
        services.append(service)
    yield Pair(services, user_of, clock)
    for service in services:
        service.close()


def test_random_operations_answer_alike_on_both_stores(pair):
    chance = random.Random(SEED)
    steps, weights = list(STEPS), list(STEPS.values())
    for _ in range(OPERATIONS):
        pair.clock.advance(seconds=chance.choice([0, 1, 60, 900]))
        chance.choices(steps, weights)[0](chance, pair, chance.choice(OWNERS))
    assert all(pair.memories.values())
