"""A search of an owner with many memories finds what a search of all of them finds."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.model.records import Selection
from memoryos_server.search.feature_scores import AnalyzedQuery
from memoryos_server.search.text_analysis import analyze_query
from memoryos_server.stores.postgres import (
    candidates,
    number_arrays,
    owner_sizes,
    search,
    term_statistics,
)
from tests.postgres import needs_direct_connection

WORDS = """
    tea coffee garden piano train winter letter runner bridge river holiday doctor bicycle paint
    museum violin kitchen market office ladder window summer island castle forest engine
""".split()  # noqa: SIM905 - easier to read
COUNT = 240
BEST = 10
QUERIES = (
    "tea in the garden",
    "Where does Clara Berg play the piano?",
    "a letter for the doctor of the island",
    "castle forest engine",
)
LASTING = timedelta(days=90)


@pytest.fixture
def store():
    return "postgres"


@pytest.fixture(params=["narrow", "wide"])
def _looks_at_few(monkeypatch, request):
    """Look at a part of the memories only, with filters resolved before or after the search."""
    monkeypatch.setattr(candidates, "NEAREST", 40)
    monkeypatch.setattr(candidates, "HOLDING_WORDS", 40)
    monkeypatch.setattr(candidates, "MIN_NEAREST_BY_FILTERED_INDEX", 40)
    if request.param == "wide":
        monkeypatch.setattr(candidates, "MAX_LISTED", 3)


@pytest.fixture
def user(start, user_of, clock, change_rows):
    """The user whose memories differ in all that a search can filter by."""
    made = user_of(start())
    chance = random.Random(16)
    made.create_entity("Clara", aliases=["Clara Berg"])
    for number in range(COUNT):
        clock.advance(hours=1)
        text = " ".join(chance.choices(WORDS, k=chance.randint(3, 9)))
        lasting = {} if number % 6 else {"expires_at": (clock.now + LASTING).isoformat()}
        made.create(
            text if number % 12 else f"Clara Berg: {text}?",
            tier="long" if number % 5 else "medium",
            memory_nature="episodic" if number % 7 else "semantic",
            content_type="text" if number % 4 else "conversation",
            metadata={
                "tags": [f"user:{number % 4}", "work" if number % 3 else "home"],
                "session": f"s{number // 40}",
            },
            **lasting,
        )
    change_rows(made.service, "UPDATE vectors SET indexed = true")
    return made


@pytest.fixture
def filters(user, clock):
    """Each kind of filter, and all together."""
    (entity,) = user.entities().data
    dates = {
        "created_after": (clock.now - timedelta(hours=COUNT * 0.6)).isoformat(),
        "created_before": (clock.now - timedelta(hours=COUNT * 0.1)).isoformat(),
    }
    return [
        {},
        {"tier": "medium"},
        {"memory_nature": "semantic"},
        {"tags": ["work"]},
        {"tags": ["user:1"]},
        {"entities": [entity["id"]]},
        {"metadata": {"session": "s3"}},
        dates,
        {"tier": "long", "tags": ["work", "user:1"], **dates},
    ]


def found(user, query, narrowed):
    results = user.search(query, threshold=0, limit=30, **narrowed)["results"]
    return {result["id"]: result["combined_score"] for result in results}


@pytest.mark.usefixtures("_looks_at_few")
def test_the_best_are_found_by_every_kind_of_filter(user, filters, monkeypatch):
    """With the scores of an exact search; those that are as good as the last one count too."""
    for narrowed in filters:
        for query in QUERIES:
            exact = found(user, query, narrowed)
            with monkeypatch.context() as patch:
                patch.setattr(search, "MAX_MEMORIES_COMPARED_IN_FULL", 20)
                among_many = found(user, query, narrowed)
            least = sorted(exact.values(), reverse=True)[:BEST]
            assert sorted(among_many.values(), reverse=True)[:BEST] == least, (narrowed, query)
            assert among_many.items() & exact.items() == {
                item for item in among_many.items() if item[0] in exact
            }


@pytest.mark.usefixtures("_looks_at_few")
def test_a_scope_hides_what_belongs_to_two_users(user, embedder, clock, monkeypatch):
    shared = user.create("tea in the garden", metadata={"tags": ["user:1", "user:2"]})
    own = user.create("tea in the garden", metadata={"tags": ["user:1"]})
    monkeypatch.setattr(search, "MAX_MEMORIES_COMPARED_IN_FULL", 20)
    selection = Selection("default", clock.now, scope_tags=("user:1",))
    text = "tea in the garden"
    query = AnalyzedQuery(embedder.embed([text])[0], *analyze_query(text))
    hits = user.service._store.search(selection, query, 20)
    memories = user.service._store.memories_by_number("default", hits.numbers.tolist())
    ids = {memory.id for memory in memories.values()}
    assert own["id"] in ids
    assert shared["id"] not in ids


@pytest.fixture
def in_parallel(postgres, new_database):
    """A database whose every plan is parallel, where rows come in no order."""
    url = new_database()
    name = postgres.execute("SELECT current_database()", url)[0][0]
    settings = {
        "debug_parallel_query": "on",
        "parallel_setup_cost": "0",
        "parallel_tuple_cost": "0",
        "min_parallel_table_scan_size": "0",
        "min_parallel_index_scan_size": "0",
        "parallel_leader_participation": "off",
    }
    for setting, value in settings.items():
        postgres.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")
    yield url
    postgres.execute(f"ALTER DATABASE {name} RESET ALL")


@needs_direct_connection
@pytest.mark.parametrize("limit", [50_000, 2], ids=["rare", "frequent"])
def test_the_words_of_a_query_are_counted_each_by_itself(
    start, user_of, in_parallel, clock, monkeypatch, limit
):
    """Under a parallel plan too, and without what has expired."""
    monkeypatch.setattr(term_statistics, "MAX_MEMORIES_OF_RARE_WORD", limit)
    user = user_of(start(in_parallel))
    words = ["anchor", "bottle", "candle", "drum", "eagle", "feather", "glove"]
    for number, word in enumerate(words):
        user.create(f"{word} gone", expires_at=(clock.now + timedelta(hours=1)).isoformat())
        for _ in range(number):
            user.create(f"{word} kept")
    clock.advance(hours=2)
    expired_sql = "SELECT number FROM memoryos.memories WHERE expires_at <= %s"
    for _ in range(10):
        with user.service._store._database.read() as connection:
            expired = number_arrays.read(number_arrays.ask(connection, expired_sql, [clock.now]))
            asked = term_statistics.ask(connection, "default", words)
            matches = term_statistics.read(
                connection, asked, owner="default", words=words, expired=expired, total=21
            )
        assert matches.frequencies == tuple(range(7))
        assert len(matches.numbers) == sum(held for held in range(7) if held < limit)


def test_large_owners_are_counted_now_and_then(monkeypatch, user, clock):
    monkeypatch.setattr(owner_sizes, "_MIN_KEPT", 100)
    sizes = owner_sizes.OwnerSizes()
    with user.service._store._database.read() as connection:
        assert sizes.size(connection, "default", clock.now) == COUNT
        assert sizes.size(connection, "other", clock.now) == 0
    user.create("one more")
    with user.service._store._database.read() as connection:
        assert sizes.size(connection, "default", clock.now) == COUNT
        assert sizes.size(connection, "default", clock.now + timedelta(hours=1)) == COUNT + 1
