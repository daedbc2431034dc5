"""Both stores find the same: the same memories, in the same order, with the same scores."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from memoryos_server.model.records import Selection
from memoryos_server.text.words import words_in

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

PEOPLE = ("Ada", "Bo", "Cleo")
TEXT = """
    tea coffee garden piano train winter letter running runner runs Café cafe foo_bar river
    holiday doctor bicycle painting number 7 2026 naïve music musical
"""
WORDS = TEXT.split()


def sentences(count, seed):
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=chance.randint(3, 9))) for _ in range(count)]


def fill(user, clock, count):
    """Store facts, and conversations whose lines count for one another."""
    chance = random.Random(3)
    for number, text in enumerate(sentences(count, 2)):
        clock.advance(seconds=20)
        if number % 3 == 0:
            user.create(text, tier=chance.choice(["medium", "long"]), metadata={"tags": ["fact"]})
            continue
        sign = chance.choice("?.!")
        user.create(
            f"{chance.choice(PEOPLE)}: {text}{sign}",
            tier="long",
            content_type="conversation",
            memory_nature="episodic",
            metadata={"session": f"s{number // 40}"},
        )


@pytest.fixture
def both(start, user_of, clock, new_database):
    """The same memories on SQLite and on PostgreSQL."""
    users = [user_of(start(place)) for place in (":memory:", new_database())]
    started = clock.now
    for user in users:
        clock.now = started
        fill(user, clock, 150)
    clock.advance(minutes=1)
    return users


ASKED = (
    "tea",
    "What does Ada say of the piano?",
    "runner Bo holiday",
    "foo_bar river",
    "naive music in winter",
    "CAFÉ",
    "nothing of the kind",
)
NARROWED = ({}, {"tier": "medium"}, {"memory_nature": "episodic"}, {"tags": ["fact"]})


def answers(user, **body):
    return [
        [
            {name: result[name] for name in ("content", "combined_score", "similarity", "tier")}
            for result in user.search(query, threshold=0, limit=60, **body)["results"]
        ]
        for query in ASKED
    ]


def test_a_search_by_meaning_answers_alike_and_so_does_a_context(both):
    for narrowed in NARROWED:
        on_sqlite, on_postgres = (answers(user, **narrowed) for user in both)
        assert any(on_sqlite)
        assert on_postgres == on_sqlite, narrowed
    for query in ASKED:
        on_sqlite, on_postgres = (user.context(query, max_tokens=400)["context"] for user in both)
        assert on_postgres == on_sqlite


UNKNOWN = (["nothing", "of", "the", "kind"], ["_"], [])


def test_a_search_by_words_answers_alike(both, clock):
    """Numbers may differ, so the contents are compared; the order is that of BM25."""
    asked = [*map(words_in, ASKED), WORDS, *UNKNOWN, ["tea", "teas"], ["running"]]
    for words in asked:
        found = []
        for user in both:
            store, selection = user.service._store, Selection("default", clock.now)
            hits = store.match_words(selection, words, 50)
            memories = store.memories_by_number("default", [hit.number for hit in hits])
            found.append([(memories[hit.number].content, hit.words) for hit in hits])
        assert found[0] == found[1], words
        assert bool(found[0]) is (words not in UNKNOWN), words


@pytest.fixture
def _by_the_index(monkeypatch):
    """Take every owner for one with many memories."""
    from memoryos_server.stores.postgres import search

    monkeypatch.setattr(search, "MAX_MEMORIES_COMPARED_IN_FULL", 20)


@pytest.mark.usefixtures("_by_the_index")
@pytest.mark.parametrize("indexed", ["false", "number % 2 = 0", "true"])
def test_a_search_of_many_memories_finds_what_a_search_of_all_does(both, change_rows, indexed):
    """With the same scores, whether none, half or all of them are in the index of vectors."""
    change_rows(both[1].service, f"UPDATE vectors SET indexed = ({indexed})")
    pairs = [
        pair for narrowed in NARROWED for pair in zip(*(answers(user, **narrowed) for user in both))
    ]
    assert any(on_sqlite for on_sqlite, _ in pairs)
    for on_sqlite, on_postgres in pairs:
        best = [result["content"] for result in on_sqlite[:10]]
        found = {result["content"]: result for result in on_postgres}
        assert {*best} <= {*found}
        assert all(found[result["content"]] == result for result in on_sqlite[:10])


@pytest.mark.parametrize("indexed", ["number % 2 = 0", "number % 15 = 0", "number % 15 <> 0"])
def test_what_the_index_has_and_what_it_does_not_have_are_ranked_together(
    both, change_rows, clock, embedder, indexed
):
    """By their distance, as if all were compared."""
    from memoryos_server.stores.postgres import vectors

    service = both[1].service
    change_rows(service, f"UPDATE vectors SET indexed = ({indexed})")
    selection = Selection("default", clock.now)
    with service._store._database.read() as connection:
        for vector in embedder.embed(ASKED):
            nearest = vectors.nearest(connection, selection, vector, 10)
            suffix = vectors._WITHOUT_INDEX
            compared = vectors._query(connection, selection, vector, 150, suffix=suffix)
            distances = {number: distance for distance, number in compared.fetchall()}
            assert len({*nearest}) == 10
            found = [distances[number] for number in nearest]
            assert found == pytest.approx(sorted(distances.values())[:10], abs=1e-6)


def test_the_index_of_vectors_is_what_a_search_of_many_uses(both, monkeypatch, clock, embedder):
    """By the plan of the database itself, which is another one where all are to be compared."""
    from memoryos_server.stores.postgres import vectors

    asked = vectors._NEAREST
    monkeypatch.setattr(vectors, "_NEAREST", f"EXPLAIN {asked}")
    selection = Selection("default", clock.now)
    vector = embedder.embed(["tea"])[0]

    def plan(among, suffix):
        with both[1].service._store._database.read() as connection:
            vectors._prepare_index_scan(connection, 10)
            asked = vectors._query(connection, selection, vector, 10, among=among, suffix=suffix)
            return str(asked.fetchall())

    assert "vectors_nearest" in plan(vectors._INDEXED, "")
    assert "vectors_to_compare" in plan(vectors._NOT_INDEXED, vectors._WITHOUT_INDEX)
    assert "vectors_nearest" not in plan("", vectors._WITHOUT_INDEX)


@pytest.mark.parametrize(("count", "scanned"), [(1, "800"), (900, "900"), (5000, "1000")])
def test_a_search_by_the_index_scans_at_least_as_many_vectors_as_it_returns(both, count, scanned):
    """Within limits, and only in its own transaction."""
    from memoryos_server.stores.postgres import vectors

    database = both[1].service._store._database
    with database.read() as connection:
        vectors._prepare_index_scan(connection, count)
        assert connection.execute("SHOW hnsw.ef_search").fetchone() == (scanned,)
    with database.read() as connection:
        assert connection.execute("SHOW enable_sort").fetchone() == ("on",)


def test_expired_memories_count_for_nothing(start, user_of, clock, new_database):
    user = user_of(start(new_database()))
    user.create("tea in the morning", tier="short")
    user.create("tea in the evening", tier="long")
    clock.advance(hours=24, minutes=30)
    assert user.found("tea", threshold=0) == ["tea in the evening"]
    user.update(user.list()[0]["id"], tier="short")
    clock.now += timedelta(hours=25)
    assert user.found("tea", threshold=0) == []
