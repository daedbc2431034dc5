"""The HNSW index has the vectors of owners with many memories, and only theirs."""

from __future__ import annotations

import contextlib
import logging

import pytest

pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")
pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import unavailable
from memoryos_server.service.reembedding import Reembedding
from memoryos_server.stores.factory import open_store, open_transfer_source, open_transfer_target
from memoryos_server.stores.postgres import search, vector_index
from memoryos_server.stores.transfer import transfer

from .old_databases import restore

FEW, AT_ONCE = 5, 2
NEW = HashingEmbedder(32)


@pytest.fixture
def store():
    return "postgres"


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """Let an owner with more than five memories have many, of which two are indexed at once."""
    for module in (search, vector_index):
        monkeypatch.setattr(module, "MAX_MEMORIES_COMPARED_IN_FULL", FEW)
    monkeypatch.setattr(vector_index, "_MARKED_AT_ONCE", AT_ONCE)


@pytest.fixture
def service(start, place):
    return start(place)


@pytest.fixture
def user(service, user_of):
    return user_of(service)


@pytest.fixture
def marks(rows_of):
    """Return which vectors of an owner the index has, oldest first."""

    def read(user):
        statement = (
            f"SELECT indexed FROM vectors WHERE owner = '{user.caller.owner}' ORDER BY number"
        )
        return [indexed for (indexed,) in rows_of(user.service, statement)]

    return read


def create(user, count, text="tea"):
    for number in range(count):
        user.create(f"{text} {number}", tier="long")


def test_few_vectors_are_not_in_the_index(user, marks, clock):
    for _ in range(FEW):
        create(user, 1)
        clock.advance(seconds=10)
    assert marks(user) == [False] * FEW


def test_the_vectors_of_an_owner_with_many_are_added_some_after_each_write(
    user, user_of, marks, clock
):
    """Once it is noticed that there are many; what is stored later is added at once."""
    other = user_of(user.service, "other")
    create(user, FEW + 3)
    create(other, FEW - 1)
    assert marks(user) == [False] * (FEW + 3)
    clock.advance(seconds=10)
    create(user, 1)
    assert marks(user) == [True] * 2 + [False] * (FEW + 2)
    create(user, 1)
    assert marks(user) == [True] * 4 + [False] * FEW + [True]
    create(user, 3)
    assert marks(user) == [True] * (FEW + 8)
    clock.advance(seconds=10)
    create(other, 1)
    assert marks(other) == [False] * FEW


def test_another_process_notices_it_itself(user, user_of, start, place, marks, clock):
    """With its first write; and it goes on with what the first process left."""
    create(user, FEW + 1)
    again = user_of(start(place))
    create(again, 1)
    assert marks(user) == [True] * 2 + [False] * FEW
    create(again, 3)
    assert marks(user) == [True] * (FEW + 5)


def test_a_changed_memory_stays_in_the_index_or_out_of_it(user, marks, clock):
    create(user, FEW + 1)
    clock.advance(seconds=10)
    create(user, 1)
    assert marks(user) == [True] * 2 + [False] * FEW
    for memory in user.list():
        user.update(memory["id"], content=f"coffee, not {memory['content']}")
        user.update(memory["id"], tier="medium")
    assert marks(user) == [True] * 2 + [False] * FEW
    create(user, 3)
    assert all(marks(user))
    for text in ("coffee, not tea 3", "tea 2"):
        assert user.found(text, threshold=0)[0] == text


def test_a_vector_that_another_transaction_holds_is_left_for_later(user, marks, clock):
    create(user, FEW + 1)
    clock.advance(seconds=10)
    database = user.service._store._database
    oldest = "SELECT 1 FROM memoryos.vectors WHERE owner = %s ORDER BY number LIMIT 1 FOR UPDATE"

    def hold(connection):
        connection.execute(oldest, (user.caller.owner,)).fetchone()
        create(user, 1)

    database.write(hold)
    assert marks(user) == [False, True, True] + [False] * (FEW - 1)
    create(user, 3)
    assert all(marks(user))


def test_a_write_succeeds_although_the_index_can_not_be_changed(
    user, marks, clock, monkeypatch, caplog
):
    """It is only logged, and done later."""
    create(user, FEW + 1)
    clock.advance(seconds=10)

    def fail(*_, **__):
        raise unavailable("The node is down")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING, "memoryos_server"):
        patch.setattr(vector_index, "_mark_some", fail)
        create(user, 1)
    assert "Could not add vectors to the index; will retry: The node is down" in caplog.text
    clock.advance(seconds=10)
    create(user, 4)
    assert all(marks(user))


def test_a_change_of_the_embedder_indexes_the_same_owners(user, user_of, place, marks, start):
    other = user_of(user.service, "other")
    create(user, FEW + 1)
    create(other, FEW)
    with contextlib.closing(open_store(place, embedder=NEW.name)) as opened:
        Reembedding(opened, NEW).run(lambda _: None)
    assert marks(user) == [True] * (FEW + 1)
    assert marks(other) == [False] * FEW


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_transfer_indexes_the_same_owners(
    kind, start, user_of, new_database, tmp_path, marks, clock
):
    source = str(tmp_path / "source.db") if kind == "sqlite" else new_database()
    target = new_database()
    filled = start(source)
    create(user_of(filled), FEW + 1)
    create(user_of(filled, "other"), FEW)
    filled.close()
    with open_transfer_source(source, clock.now) as one, open_transfer_target(target) as other:
        transfer(one, other, lambda _: None)
    copied = start(target)
    assert marks(user_of(copied)) == [True] * (FEW + 1)
    assert marks(user_of(copied, "other")) == [False] * FEW
    assert user_of(copied).found("tea 3", threshold=0)[0] == "tea 3"


_MANY = """
  INSERT INTO memoryos.memories OVERRIDING SYSTEM VALUE
  SELECT 1000 + n, 'many-' || n, 'ada', 'tea', 'text', 'long', NULL, 0.5, 1, 0, NULL, NULL, NULL,
    NULL, '{}', '[]', '', now(), now(), NULL, 0, true FROM generate_series(1, 10000) AS n;
  INSERT INTO memoryos.vectors (number, owner, created, thread, terms, vector)
  SELECT 1000 + n, 'ada', 0, 0, '', array_fill(0.25, ARRAY[16])::vector
  FROM generate_series(1, 10000) AS n
"""
_COUNTS = "SELECT owner, indexed, count(*) > 10000 FROM memoryos.vectors GROUP BY 1, 2 ORDER BY 1"


def test_a_migration_leaves_only_owners_with_many_memories_in_the_index(postgres, start):
    url = restore(postgres, 3)
    postgres.execute("SET search_path = public; DROP INDEX memoryos.vectors_nearest; " + _MANY, url)
    start(url, embedder=None).list_keys()
    assert postgres.execute(_COUNTS, url) == [("ada", True, True), ("bo", False, False)]
