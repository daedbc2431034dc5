"""Accesses: what counts as one, when it shows, and when it is written."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from memoryos_server.model.errors import unavailable
from memoryos_server.search.query_fit import FITTING_SIMILARITY
from memoryos_server.service import access_log
from memoryos_server.service.access_log import MAX_PENDING_MEMORIES

pytestmark = pytest.mark.both_stores


def count(user, memory_id):
    """Read the count without changing it."""
    return {memory["id"]: memory["access_count"] for memory in user.list()}[memory_id]


@pytest.fixture
def stored_count(rows_of):
    """Read the counts as other processes see them."""

    def read(user):
        ((total,),) = rows_of(user.service, "SELECT sum(access_count) FROM memories")
        return total

    return read


def test_a_get_counts_itself_and_refreshes_the_relevance(user, clock):
    memory = user.create("Ada likes tea")
    clock.advance(hours=2)
    assert user.list()[0]["relevance_score"] == 0.81
    read = user.get(memory["id"])
    assert read["access_count"] == 1
    assert read["last_accessed_at"] == "2026-11-22T12:00:00.000000Z"
    assert read["relevance_score"] == 1
    assert user.get(memory["id"])["access_count"] == 2


def test_a_search_hit_and_a_use_in_a_context_count_and_a_list_does_not(user):
    memory = user.create("Ada likes tea")
    user.list()
    assert count(user, memory["id"]) == 0
    user.search("Ada likes tea")
    assert count(user, memory["id"]) == 1
    user.context("Ada likes tea")
    assert count(user, memory["id"]) == 2


def test_what_only_fills_the_room_of_a_context_does_not_count(user):
    """Otherwise one greeting would refresh all memories. Every result of a search counts."""
    fitting = user.create("Ada likes tea")
    other = user.create("Room 204 has the better projector")
    found = user.search("Ada likes tea", threshold=0)["results"]
    assert len(found) == len(user.context("Ada likes tea")["memories"]) == 2
    assert (count(user, fitting["id"]), count(user, other["id"])) == (2, 1)
    user.context("hello")
    assert (count(user, fitting["id"]), count(user, other["id"])) == (2, 1)


def test_what_fits_far_less_than_the_best_does_not_count(user):
    """Where the embedder knows no word of a language, all texts of it are similar."""
    best = user.create("Ada likes green tea with honey")
    weak = user.create("Bo likes tea")
    used = user.context("Ada likes green tea with honey")["memories"]
    assert [item["id"] for item in used] == [best["id"], weak["id"]]
    assert (count(user, best["id"]), count(user, weak["id"])) == (1, 0)


def test_a_long_memory_counts_where_it_has_the_words_of_the_query(user):
    """Its vector is the mean of all that it says."""
    days = [f"On day {number} nothing happened on the island. " for number in range(300)]
    days[150] = "The key of the cellar is under the blue pot. "
    memory = user.create("".join(days), tier="long", content_type="document")
    (result,) = user.search("key of the cellar", threshold=0, explain=True)["results"]
    assert result["similarity"] < FITTING_SIMILARITY
    user.context("key of the cellar")
    assert count(user, memory["id"]) == 1
    user.context("the keeper of a lighthouse")
    assert count(user, memory["id"]) == 1


def test_an_explanation_and_an_uncounted_get_do_not_count(user, clock):
    memory = user.create("Ada likes tea")
    clock.advance(hours=2)
    (result,) = user.search("Ada likes tea", explain=True)["results"]
    assert result["explanation"]
    read = user.get(memory["id"], uncounted=True)
    assert (read["access_count"], read["relevance_score"]) == (0, 0.81)
    assert count(user, memory["id"]) == 0
    assert user.get(memory["id"], uncounted=False)["access_count"] == 1


def test_what_is_not_handed_out_does_not_count(user):
    memory = user.create("Ada likes tea")
    user.search("something else entirely")
    user.context("Ada likes tea", max_tokens=3)
    assert count(user, memory["id"]) == 0


def test_a_search_shows_the_relevance_that_it_ranked_by(user, clock):
    user.create("Ada likes tea")
    clock.advance(hours=1)
    scores = [user.search("Ada likes tea")["results"][0]["relevance_score"] for _ in range(2)]
    assert scores == [0.9, 1.0]


@pytest.mark.parametrize("moment", ["close", "write", "seconds", "many"])
def test_pending_accesses_are_written_in_time(start, user_of, clock, place, stored_count, moment):
    user = user_of(start(place))
    many = moment == "many"
    ids = [user.create(f"m{n}")["id"] for n in range(MAX_PENDING_MEMORIES if many else 2)]
    for memory_id in ids[:-1]:
        user.get(memory_id)
    assert stored_count(user) == 0
    if moment == "write":
        user.update(ids[0], importance_score=1)
    elif moment == "seconds":
        clock.advance(seconds=5)
    if moment in {"seconds", "many"}:
        user.get(ids[-1])
    user.service.close()
    later = user_of(start(place))
    expected = len(ids) if moment in {"seconds", "many"} else len(ids) - 1
    assert stored_count(later) == expected


@pytest.mark.parametrize("moment", ["write", "seconds", "many"])
def test_pending_accesses_do_not_wait_for_the_end(user, clock, stored_count, moment):
    ids = [user.create(f"m{n}")["id"] for n in range(MAX_PENDING_MEMORIES)]
    for memory_id in ids if moment == "many" else ids[:2]:
        user.get(memory_id)
    if moment == "write":
        user.create("another")
    elif moment == "seconds":
        clock.advance(seconds=5)
        user.get(ids[0])
    assert stored_count(user) == {"write": 2, "seconds": 3, "many": MAX_PENDING_MEMORIES}[moment]


def test_no_access_of_many_threads_is_lost(start, user_of, place, stored_count):
    user = user_of(start(place))
    ids = [user.create(f"m{n}")["id"] for n in range(3)]

    def read(n):
        user.get(ids[n % 3])
        if n % 7 == 0:
            user.create(f"other {n}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(read, range(300)))
    assert [count(user, memory_id) for memory_id in ids] == [100, 100, 100]
    user.service.close()
    later = user_of(start(place))
    assert stored_count(later) == 300


def test_an_access_that_cannot_be_written_fails_no_call_and_is_kept(
    user, monkeypatch, caplog, stored_count
):
    memory = user.create("a secret")
    user.get(memory["id"])

    def busy(*_, **__):
        raise unavailable("The disk that holds the database is full")

    with monkeypatch.context() as patch:
        patch.setattr(user.service._store, "record_accesses", busy)
        with caplog.at_level(logging.DEBUG):
            user.create("another")
    assert "will retry later" in caplog.text
    assert "secret" not in caplog.text
    assert count(user, memory["id"]) == 1
    user.create("a third")
    assert stored_count(user) == 1


def test_a_call_writes_the_accesses_of_one_owner(service, user_of, clock, monkeypatch):
    """Nobody waits for what many others have read, and in the end all is written."""
    users = [user_of(service, f"owner {n}") for n in range(5)]
    for user in users:
        user.get(user.create("read")["id"])
        clock.advance(seconds=1)
    written = []
    record = service._store.record_accesses
    with monkeypatch.context() as patch:
        patch.setattr(
            service._store,
            "record_accesses",
            lambda owner, *more, **options: (
                written.append(owner) or record(owner, *more, **options)
            ),
        )
        users[3].create("another")
        assert written == ["owner 3"]
        for user in users * 2:
            clock.advance(seconds=5)
            before = len(written)
            user.get(user.list()[0]["id"])
            assert len(written) <= before + 1
    assert {*written} == {f"owner {n}" for n in range(5)}


def test_an_owner_whose_accesses_cannot_be_written_delays_no_other(
    start, user_of, clock, place, stored_count, monkeypatch, caplog
):
    """Such as in a cluster, one of whose nodes is down; not at the end either."""
    service = start(place)
    down, up = (user_of(service, owner) for owner in ("down", "up"))
    record, asked = service._store.record_accesses, []

    def record_some(owner, *arguments, **options):
        asked.append(owner)
        if owner == "down":
            raise unavailable("A part of the database is down")
        return record(owner, *arguments, **options)

    monkeypatch.setattr(service._store, "record_accesses", record_some)
    ids = [user.create("read")["id"] for user in (down, up)]
    for user, memory_id in zip((down, up, up), (*ids, ids[1])):
        user.get(memory_id)
        clock.advance(seconds=5)
    up.get(ids[1])
    assert asked == ["down", "up", "down"]
    assert stored_count(up) == 2
    monkeypatch.setattr(access_log, "MAX_PENDING_MEMORIES", 1)
    down.get(ids[0])
    for _ in range(3):
        up.get(ids[1])
    assert asked[3:] == ["up"] * 4
    monkeypatch.undo()
    monkeypatch.setattr(service._store, "record_accesses", record_some)
    up.get(ids[1])
    service.close()
    assert stored_count(user_of(start(place), "up")) == 7
    assert "they are lost" in caplog.text
