"""A search of an owner with many memories finds what a search of all of them finds."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.model.records import EntityNames, Selection
from memoryos_server.search.feature_scores import AnalyzedQuery
from memoryos_server.search.query_analysis import analyze_query
from memoryos_server.search.terms import word_term
from memoryos_server.stores.postgres import (
    candidates,
    number_arrays,
    owner_statistics,
    search,
    term_statistics,
)
from memoryos_server.text.stemming import stem
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
def selections(user, clock):
    """Each kind of filter, and all together."""
    (entity,) = user.entities().data
    clara = EntityNames(entity["id"], ("Clara", "Clara Berg"))
    dates = {
        "created_after": clock.now - timedelta(hours=COUNT * 0.6),
        "created_before": clock.now - timedelta(hours=COUNT * 0.1),
    }
    filters = [
        {},
        {"tier": "medium"},
        {"memory_nature": "semantic"},
        {"tags": ("work",)},
        {"tags": ("user:1",)},
        {"scope_tags": ("user:1",)},
        {"entities": (clara,)},
        {"metadata": {"session": "s3"}},
        dates,
        {"tier": "long", "tags": ("work",), "scope_tags": ("user:1",), **dates},
    ]
    return [Selection("default", clock.now, **narrowed) for narrowed in filters]


@pytest.fixture
def found(user, embedder):
    """Return the numbers that a search finds, each with its score."""

    def search_for(text, selection):
        query = AnalyzedQuery(embedder.embed([text])[0], analyze_query(text))
        hits = user.service._store.search(selection, query, 20)
        return dict(zip(hits.numbers.tolist(), hits.evidence.round(3).tolist(), strict=True))

    return search_for


@pytest.fixture
def _many(monkeypatch):
    monkeypatch.setattr(search, "MAX_MEMORIES_COMPARED_IN_FULL", 20)


@pytest.mark.usefixtures("_looks_at_few")
def test_the_best_are_found_with_every_kind_of_filter(selections, found, monkeypatch):
    """With the scores of an exact search; others that are as good as the last one count too."""
    for selection, text in itertools.product(selections, QUERIES):
        exact = found(text, selection)
        with monkeypatch.context() as patch:
            patch.setattr(search, "MAX_MEMORIES_COMPARED_IN_FULL", 20)
            among_many = found(text, selection)
        assert [*among_many.values()][:BEST] == [*exact.values()][:BEST], (selection, text)
        assert all(exact.get(number, score) == score for number, score in among_many.items())


@pytest.mark.usefixtures("_looks_at_few", "_many")
def test_a_scope_hides_what_belongs_to_two_users(user, found, clock):
    text = "tea in the garden"
    shared, own = (
        user.create(text, metadata={"tags": tags}) for tags in (["user:1", "user:2"], ["user:1"])
    )
    numbers = [*found(text, Selection("default", clock.now, scope_tags=("user:1",)))]
    memories = user.service._store.memories_by_number("default", numbers)
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
    """Under a parallel plan too, in whatever order they are told; without what has expired."""
    monkeypatch.setattr(term_statistics, "MAX_MEMORIES_OF_RARE_WORD", limit)
    user = user_of(start(in_parallel))
    words = ["anchor", "bottle", "candle", "drum", "eagle", "feather", "glove"]
    for number, word in enumerate(words):
        user.create(f"{word} gone", expires_at=(clock.now + timedelta(hours=1)).isoformat())
        for _ in range(number):
            user.create(f"{word} kept")
    clock.advance(hours=2)
    expired_sql = "SELECT number FROM memoryos.memories WHERE owner = %s AND expires_at <= %s"
    with user.service._store._database.read() as connection:
        expired_rows = number_arrays.ask(connection, expired_sql, ["default", clock.now])
        asked = [*term_statistics.ask(connection, "default", words)]
        expired = number_arrays.read(expired_rows)
        for rows in (asked, asked[::-1]):
            matches = term_statistics.read(
                connection, rows, owner="default", words=words, expired=expired, total=21
            )
            assert matches.frequencies == tuple(range(7))
            assert len(matches.numbers) == sum(held for held in range(7) if held < limit)


def test_what_is_typical_of_a_large_owner_is_known_for_some_minutes(monkeypatch, user, clock):
    """Estimated by a sample that is spread evenly."""
    monkeypatch.setattr(owner_statistics, "SAMPLE_SIZE", COUNT // 2)
    known = owner_statistics.KnownOwners()

    def statistics(owner="default", **later):
        with user.service._store._database.read() as connection:
            return known.statistics(connection, owner, clock.now + timedelta(**later))

    before = statistics()
    assert (before.memory_count, before.sampled) == (COUNT, COUNT // 2)
    user.create("one more")
    assert statistics(minutes=1) is before
    assert statistics(hours=1).memory_count == COUNT + 1
    assert statistics("other").memory_count == 0


def test_of_few_memories_everything_is_counted(user, clock, embedder):
    with user.service._store._database.read() as connection:
        found = owner_statistics.KnownOwners().statistics(connection, "default", clock.now)
    texts = [memory["content"] for memory in user.list(limit=100)]
    texts += [memory["content"] for memory in user.list(limit=100, offset=100)]
    texts += [memory["content"] for memory in user.list(limit=100, offset=200)]
    query = embedder.embed(["tea in the garden"])[0]
    cosines = embedder.embed(texts) @ query
    assert found.cosines(query)[:2] == pytest.approx((cosines.mean(), cosines.std()), abs=1e-5)
    words = [word_term(stem(word)) for word in ("tea", "garden", "unknown")]
    held = [sum(word in text.split() for text in texts) for word in ("tea", "garden", "unknown")]
    assert found.frequencies(words) == dict(zip(words, held, strict=True))
