"""A store's embedder is changed: all memories, none lost, nothing compared that must not be."""

from __future__ import annotations

import contextlib
import threading

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.model.records import Selection
from memoryos_server.search.index.memory_index import AnalyzedQuery
from memoryos_server.search.query_analysis import analyze_query
from memoryos_server.stores.reembedding import ReembeddedMemory

from .parts import AT_ONCE, MANY, Turned, opened, vectors_of

pytestmark = pytest.mark.both_stores


def expected(embedder, contents):
    rows = type(embedder)(embedder._steps, dimension=embedder.dimension).embed(contents)
    return dict(zip(contents, rows.astype("f4").tolist()))


def fails_at(batch):
    """What goes wrong before a batch."""

    def meanwhile(count):
        if count == batch:
            raise unavailable("The embedder is away")

    return meanwhile


@pytest.mark.parametrize("dimension", [64, 32])
def test_every_memory_of_every_owner_gets_a_vector_of_the_new_embedder(
    filled, reembed, start, user_of, place, rows_of, dimension
):
    """Of the same dimension or of another one; and all are found by it, each by its owner."""
    new = Turned(5, dimension=dimension)
    assert reembed(new) == MANY
    stored = vectors_of(rows_of, filled)
    assert stored == expected(new, list(stored))
    assert len(stored) == MANY
    service = start(place, embedder=new)
    service.check_embedder()
    assert user_of(service, "bo").found("bo note7", threshold=0.9, limit=1) == ["bo note7"]
    assert user_of(service, "ada").found("bo note7", threshold=0.9) == []
    assert user_of(service, "ada").create("a new one")["content"] == "a new one"


def test_a_server_that_was_running_refuses_from_then_on_and_says_what_to_do(
    filled, reembed, user_of
):
    """Searches and writes; what needs no vector goes on."""
    ada = user_of(filled, "ada")
    assert ada.found("ada note7", threshold=0.9) == ["ada note7"]
    reembed(Turned(5))
    for refused in (
        lambda: ada.search("ada note7"),
        lambda: ada.create("new"),
        lambda: ada.context("ada note7"),
        filled.check_embedder,
    ):
        with pytest.raises(ServiceError) as error:
            refused()
        assert "was filled by the embedder turned-5-64" in error.value.message
        assert "this server uses turned-0-64" in error.value.message
        assert error.value.message.endswith("memoryos reembed")
    assert ada.page().meta["total"] == MANY // 2


def test_there_and_back_again_finds_the_same(filled, reembed, start, user_of, place, clock):
    """A server that slept through both changes sees the vectors of its own embedder, all new."""
    ada = user_of(filled, "ada")
    before = ada.search("ada note7", threshold=0)
    reembed(Turned(5))
    during = user_of(start(place, embedder=Turned(5)), "ada")
    during.create("written in between", tier="long")
    during.delete(during.list(limit=1, offset=9)[0]["id"])
    assert reembed(Turned(0)) == MANY
    after = ada.search("ada note7", threshold=0)
    assert after["results"][0]["id"] == before["results"][0]["id"]
    assert ada.found("written in between", threshold=0.9) == ["written in between"]
    probe = AnalyzedQuery(Turned(0).embed(["ada"])[0], analyze_query("ada"))
    hits = filled._store.search(Selection(owner="ada", now=clock()), probe, 1000)
    assert len(hits.numbers) == MANY // 2  # none of what was deleted


def test_to_none_and_from_none(filled, reembed, start, user_of, place, rows_of):
    """By words alone, with no vector left; then to an embedder again."""
    assert reembed(None) == 0
    assert set(vectors_of(rows_of, filled).values()) == {None}
    by_words = user_of(start(place, embedder=None), "ada")
    assert by_words.found("note7", threshold=0.9) == ["ada note7"]
    by_words.create("ada wrote by words", tier="long")
    new = Turned(5)
    assert reembed(new) == MANY + 1
    stored = vectors_of(rows_of, filled)
    assert stored == expected(new, list(stored))


def test_after_none_a_running_server_makes_vectors_again(filled, reembed, user_of):
    """A store without vectors is anybody's; at most one request has to be repeated."""
    ada = user_of(filled, "ada")
    reembed(None)
    with contextlib.suppress(ServiceError):
        ada.create("once more", tier="long")
    assert ada.create("twice more", tier="long")["content"] == "twice more"
    assert ada.found("twice more", threshold=0.9) == ["twice more"]


@pytest.mark.parametrize("batch", [0, 1, 2])
def test_what_was_embedded_before_an_outage_is_not_embedded_again(
    filled, reembed, rows_of, place, batch
):
    """And until all are, the old embedder works."""
    old = vectors_of(rows_of, filled)
    with pytest.raises(ServiceError, match="away"):
        reembed(Turned(5, fails_at(batch)))
    assert vectors_of(rows_of, filled) == old
    filled.check_embedder()
    new = Turned(5)
    with opened(place, new) as reembedding:
        remaining = reembedding.plan().remaining
        assert remaining == MANY - AT_ONCE * batch
        assert reembedding.run(lambda count: None) == remaining
    assert len(new.texts) == remaining
    stored = vectors_of(rows_of, filled)
    assert stored == expected(new, list(stored))


def test_what_is_written_meanwhile_is_not_lost(filled, reembed, user_of, rows_of):
    """Memories that are created, changed and deleted by a server while others are embedded."""
    ada, bo = user_of(filled, "ada"), user_of(filled, "bo")
    oldest = ada.list(limit=1, offset=MANY // 2 - 1)[0]
    being_embedded = bo.list(limit=1)[0]
    newest = ada.list(limit=1)[0]

    def meanwhile(count):
        if count == 2:
            ada.create("created meanwhile", tier="long")
            ada.update(oldest["id"], content="changed meanwhile")
            bo.update(being_embedded["id"], content="changed at this moment")
            ada.update(newest["id"], metadata={"tags": ["meanwhile"]})
            ada.delete(ada.list(limit=1, offset=5)[0]["id"])

    new = Turned(5, meanwhile)
    reembed(new)
    stored = vectors_of(rows_of, filled)
    assert {"created meanwhile", "changed meanwhile", "changed at this moment"} <= set(stored)
    assert not {oldest["content"], being_embedded["content"]} & set(stored)
    assert len(stored) == MANY
    assert stored == expected(new, list(stored))


def test_what_is_written_at_the_last_moment_is_embedded_after_the_change(
    filled, place, user_of, rows_of, start
):
    """Between the last vector and the change, by a server with the old embedder."""
    new = Turned(5)
    with opened(place, new) as reembedding:
        pending_vectors = reembedding._reembedding
        adopt = pending_vectors.complete

        def late(embedder, most):
            user_of(filled, "ada").create("at the last moment", tier="long")
            return adopt(embedder, most)

        pending_vectors.complete = late
        assert reembedding.run(lambda count: None) == MANY + 1
    stored = vectors_of(rows_of, filled)
    assert stored == expected(new, list(stored))
    ada = user_of(start(place, embedder=new), "ada")
    assert ada.found("at the last moment", threshold=0.9) == ["at the last moment"]


def test_another_change_takes_the_place_of_one_that_was_begun(filled, reembed, place, rows_of):
    """What the first had embedded is dropped, and it may not go on."""
    with pytest.raises(ServiceError, match="away"):
        reembed(Turned(5, fails_at(1)))
    other = Turned(9)

    def meanwhile(count):
        if count == 1:
            reembed(other)

    with pytest.raises(ServiceError, match="abandoned for another one, or is complete") as error:
        reembed(Turned(5, meanwhile))
    assert error.value.status == 409
    stored = vectors_of(rows_of, filled)
    assert stored == expected(other, list(stored))


def test_a_plan_changes_nothing(filled, place, rows_of):
    """It counts, and estimates."""
    old = vectors_of(rows_of, filled)
    with opened(place, Turned(5)) as reembedding:
        plan = reembedding.plan()
        estimate = reembedding.estimate(lambda count: None)
    assert plan == ("turned-0-64", "turned-5-64", MANY, MANY)
    assert (estimate.memories, estimate.cost) == (MANY, None)
    assert estimate.tokens > MANY
    assert vectors_of(rows_of, filled) == old
    assert rows_of(filled, "SELECT * FROM settings WHERE name = 'reembedding'") == []


def test_a_store_is_not_taken_over_while_too_many_vectors_are_missing(
    filled, place, rows_of, start, user_of
):
    """Those that may be missing are as stored without an embedder; a search makes up for them."""
    new = Turned(5)
    old = vectors_of(rows_of, filled)
    with opened(place, new) as reembedding:
        pending_vectors = reembedding._reembedding
        pending_vectors.begin(new.name)
        (first,) = pending_vectors.list_pending(new.name, "ada", 0, 1)
        pending_vectors.add_vectors(
            new.name, [ReembeddedMemory(*first, new.embed([first.memory.content])[0])]
        )
        assert pending_vectors.complete(new.name, MANY - 2) is False
        assert vectors_of(rows_of, filled) == old
        assert pending_vectors.complete(new.name, MANY - 1) is True
    stored = vectors_of(rows_of, filled)
    assert list(stored.values()).count(None) == MANY - 1
    user = user_of(start(place, embedder=new), "bo")
    assert user.found("bo note7", threshold=0.9, limit=1) == ["bo note7"]


def test_the_same_embedder_gets_what_has_no_vector_yet(filled, reembed, start, user_of, place):
    """Such as what a server that searches by words has stored."""
    user_of(start(place, embedder=None), "ada").create("stored by words", tier="long")
    new = Turned(0)
    assert reembed(new) == 1
    assert new.texts == ["stored by words"]
    assert user_of(filled, "ada").found("stored by words", threshold=0.9) == ["stored by words"]


def test_an_empty_store_is_anybodys(reembed, start, user_of, place):
    start(place, embedder=Turned(0)).list_keys()
    assert reembed(Turned(5)) == 0
    assert user_of(start(place, embedder=Turned(9))).create("first")["content"] == "first"


def test_a_search_during_the_change_is_right_or_refused_never_empty(
    filled, reembed, start, user_of, place
):
    """Threads search and write with the old embedder while one of equal dimension takes over."""
    stop, right, wrong, refused = threading.Event(), [], [], []

    def search(owner):
        user = user_of(filled, owner)
        while not stop.is_set():
            try:
                found = user.found(f"{owner} note7", threshold=0.99, limit=1)
            except ServiceError as error:
                refused.append(error.message)
                continue
            (right if found == [f"{owner} note7"] else wrong).append(found)

    def write():
        user = user_of(filled, "cy")
        while not stop.is_set():
            with contextlib.suppress(ServiceError):
                user.create("cy", tier="long")

    threads = [threading.Thread(target=search, args=(owner,)) for owner in ("ada", "bo")]
    threads.append(threading.Thread(target=write))
    for thread in threads:
        thread.start()
    try:
        reembed(Turned(5))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert right
    assert wrong == []
    assert all("was filled by the embedder turned-5-64" in message for message in refused)
    service = start(place, embedder=Turned(5))
    assert user_of(service, "ada").found("ada note7", threshold=0.99, limit=1) == ["ada note7"]
    cy = user_of(service, "cy")
    assert len(cy.found("cy", threshold=0.99, limit=100)) == min(cy.page().meta["total"], 100)
