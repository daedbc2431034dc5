"""The change of an embedder in PostgreSQL: who holds it back, and what is left of it."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.search.hybrid_retriever import HybridRetriever
from memoryos_server.service.reembedding import Reembedding
from memoryos_server.stores.factory import open_store
from memoryos_server.stores.postgres import memories, reembedding
from memoryos_server.stores.postgres import search as search_module

NEW = HashingEmbedder(32)


@pytest.fixture
def store():
    return "postgres"


@pytest.fixture
def change(place, monkeypatch):
    """Change the embedder, without patience."""
    monkeypatch.setattr(reembedding, "_SET_LOCK_TIMEOUT", "SET LOCAL lock_timeout = '50ms'")
    monkeypatch.setattr(reembedding, "_MAX_LOCK_ATTEMPTS", 1)
    monkeypatch.setattr(reembedding, "_LOCK_RETRY_DELAY_SECONDS", 0)

    def change():
        with contextlib.closing(open_store(place, embedder=NEW.name)) as opened:
            return Reembedding(opened, NEW).run(lambda count: None)

    return change


@pytest.fixture
def prepared(user, change, monkeypatch):
    """All is embedded anew, and only the change itself is left to do."""
    with monkeypatch.context() as patch:
        patch.setattr(reembedding, "_replace_table", lambda *_: unready())
        with pytest.raises(ServiceError, match="not yet"):
            change()


def unready():
    raise unavailable("not yet")


@pytest.fixture
def user(start, user_of, place):
    user = user_of(start(place))
    user.create("Ada likes tea", tier="long")
    return user


@pytest.mark.parametrize(
    ("module", "name", "call"),
    [
        (search_module, "ask", lambda user: user.search("Ada")),
        (memories, "insert", lambda user: user.create("Bo")),
    ],
)
def test_a_search_or_a_write_that_is_under_way_holds_the_change_back(
    user, change, prepared, monkeypatch, module, name, call
):
    """From before it reads which embedder there is, to its end; the next attempt succeeds."""
    original, refused = getattr(module, name), []

    def in_the_middle(*arguments, **named):
        with pytest.raises(ServiceError) as error:
            change()
        refused.append((error.value.status, error.value.message))
        return original(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(module, name, in_the_middle)
        call(user)
    assert refused == [(503, "The database is too busy to replace its embedder now")]
    assert change() <= 1
    with pytest.raises(ServiceError, match="filled by the embedder hashing-32"):
        call(user)


def test_nothing_is_left_of_a_change_but_the_table_and_its_indexes(user, change, rows_of):
    """Under the names that they had before, so that it can be done again."""
    statement = (
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'memoryos' "
        "AND tablename IN ('vectors', 'staged') ORDER BY indexname"
    )
    columns = (
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'memoryos' "
        "AND table_name = 'vectors' ORDER BY column_name"
    )
    before = rows_of(user.service, statement), rows_of(user.service, columns)
    change()
    assert (rows_of(user.service, statement), rows_of(user.service, columns)) == before
    settings = dict(rows_of(user.service, "SELECT name, value FROM settings"))
    assert (settings["embedder"], settings["dimension"]) == ("hashing-32", "32")
    assert "reembedding" not in settings


def test_a_search_that_comes_during_the_change_waits_and_is_refused(
    user, change, rows_of, monkeypatch
):
    """Its view is of after the change: it finds neither the old vectors nor nothing."""
    replace, outcomes = reembedding._replace_table, []

    def search():
        try:
            outcomes.append(user.found("Ada likes tea", threshold=0))
        except ServiceError as error:
            outcomes.append(error.message)

    searching = threading.Thread(target=search)

    def in_the_middle(*arguments, **named):
        searching.start()
        deadline = time.monotonic() + 30
        while rows_of(user.service, "SELECT 1 FROM pg_locks WHERE NOT granted") == []:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        replace(*arguments)

    # What a search does before it searches would wait as well, for another lock.
    monkeypatch.setattr(HybridRetriever, "_embed_missing", lambda *_: None)
    monkeypatch.setattr(reembedding, "_replace_table", in_the_middle)
    assert change() == 1
    searching.join()
    (outcome,) = outcomes
    assert "was filled by the embedder hashing-32" in outcome
