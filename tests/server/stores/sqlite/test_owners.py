"""What belongs to an owner in SQLite: ids, children, purges, and the index in memory."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from memoryos_server.model.records import Selection
from memoryos_server.stores.sqlite import idempotency, memories, search_index
from memoryos_server.stores.sqlite.conditions import condition

OWNERS = ("ada", "bo")


@pytest.fixture
def same_ids(start, user_of, tmp_path):
    """Users of one file whose memories have the same ids."""

    def open_one(owner):
        numbers = count(1)
        new_id = lambda: f"00000000-0000-4000-8000-{next(numbers):012d}"  # noqa: E731
        return user_of(start(tmp_path / "m.db", new_id=new_id), owner)

    return [open_one(owner) for owner in OWNERS]


def test_an_id_belongs_to_its_owner(same_ids):
    """What one does to a memory, its children, tags and counts, concerns no other's."""
    for user in same_ids:
        parent = user.create("a parent", tier="long", metadata={"tags": ["x"], "entities": ["e"]})
        user.create("a child", tier="long", parent_memory_id=parent["id"])
        user.create_entity("Ada")
    ada, bo = same_ids
    assert [m["id"] for m in ada.list()] == [m["id"] for m in bo.list()]
    before = bo.list(), bo.tags().data, bo.entities().data
    ada.get(parent["id"])
    ada.update(parent["id"], content="changed", metadata={"tags": ["y"]})
    ada.delete(parent["id"])
    ada.service.close()
    assert (bo.list(), bo.tags().data, bo.entities().data) == before
    assert bo.found("parent", threshold=0.1) == ["a parent"]


def test_a_deletion_detaches_the_owners_children(same_ids):
    for user in same_ids:
        parent = user.create("a parent", tier="long")
        child = user.create("a child", tier="long", parent_memory_id=parent["id"])
    ada, bo = same_ids
    ada.delete(parent["id"])
    assert ada.get(child["id"])["parent_memory_id"] is None
    assert bo.get(child["id"])["parent_memory_id"] == parent["id"]


def test_the_owners_are_counted(user, user_of):
    """Also those who have something else than memories."""
    user.create("one", tier="long")
    user_of(user.service, "bo").create_entity("Bo")
    assert user.service._store.owners() == {"bo": 0, "default": 1}


@pytest.fixture
def expired(start, user_of, clock, monkeypatch):
    """A service with twelve memories of two owners past their grace, and their number of rows."""
    monkeypatch.setattr(memories, "PURGE_BATCH_SIZE", 4)
    monkeypatch.setattr(idempotency, "PURGE_BATCH_SIZE", 4)
    service = start()
    for owner in OWNERS:
        for number in range(6):
            user_of(service, owner).create(f"{number}", key=f"{number}", tier="short")
    clock.advance(days=60)
    return service


def left(service, owner):
    with service._store._database.read() as connection:
        return [
            connection.execute(f"SELECT count(*) FROM {t} WHERE owner = ?", (owner,)).fetchone()[0]
            for t in ("memories", "claims")
        ]


def test_a_write_purges_what_is_its_owners(expired, user_of, clock):
    """At once until all is gone; then no more within the interval. The others keep theirs."""
    ada = user_of(expired, "ada")
    ada.create("new", tier="long")
    assert left(expired, "ada") == [6 - 4 + 1, 6 - 4]
    ada.create_entity("Ada")
    assert left(expired, "ada") == [1, 0]
    assert left(expired, "bo") == [6, 6]
    ada.create("short", tier="short")
    clock.advance(days=60)
    ada.create("a write", tier="long")
    assert left(expired, "ada")[0] == 2


def test_a_write_purges_what_others_left_who_have_keys(expired, user_of):
    """Each in turn, and at once while more is left."""
    ada = user_of(expired, "ada")
    _add_key(expired, "bo")
    for _ in range(2):
        ada.upsert("the same", tier="long")
    assert left(expired, "bo") == [0, 0]


def test_a_damaged_memory_that_has_expired_fails_no_write(expired, user_of, clock):
    """Not another owner's, and not a write of its own; the others are purged all the same."""
    _add_key(expired, "bo")
    with expired._store._database.write() as connection:
        connection.execute(
            "UPDATE memories SET metadata = '{' WHERE owner = 'bo' AND content = '0'"
        )
    for owner in ("ada", "bo", "ada"):
        user_of(expired, owner).create("new", tier="long")
        clock.advance(minutes=1)
    assert left(expired, "bo")[0] == 1 + 1


def _add_key(service, owner):
    with service._store._database.write() as connection:
        connection.execute(
            "INSERT INTO keys (hash, owner, scopes, created_at) VALUES ('h', ?, '[]', 0)", (owner,)
        )


def loaded(service):
    return list(service._store._index.get()._loaded)


def test_a_search_loads_only_its_owner(service, user_of):
    for owner in ("ada", "bo"):
        user_of(service, owner).create(f"tea of {owner}", tier="long")
    assert user_of(service, "ada").found("tea", threshold=0.1) == ["tea of ada"]
    assert loaded(service) == ["ada"]


def test_owners_not_searched_for_longest_are_forgotten_when_there_are_many(
    service, user_of, monkeypatch
):
    """And loaded again when they are searched."""
    size = 3 + search_index.MEMORIES_PER_OWNER
    monkeypatch.setattr(search_index, "MAX_LOADED_MEMORIES", 2 * size)
    users = [user_of(service, f"user {number}") for number in range(4)]
    for user in users:
        for number in range(3):
            user.create(f"tea {number} of {user.caller.owner}", tier="long")
    for turn in (0, 1, 0, 2, 3, 0):
        assert len(users[turn].found("tea", threshold=0.1)) == 3
    assert loaded(service) == ["user 3", "user 0"]
    assert service._store._index.get()._size == 2 * size
    users[0].create("tea 4", tier="long")
    assert len(users[0].found("tea", threshold=0.1)) == 4
    assert loaded(service) == ["user 0"]


def test_an_owner_with_more_memories_than_are_kept_can_be_searched(service, user_of, monkeypatch):
    monkeypatch.setattr(search_index, "MAX_LOADED_MEMORIES", 1)
    for owner in ("ada", "bo"):
        user = user_of(service, owner)
        user.create("tea", tier="long")
        assert user.found("tea", threshold=0.1) == ["tea"]
    assert loaded(service) == ["bo"]


def test_searches_of_many_owners_at_once_find_what_is_theirs(service, user_of, monkeypatch):
    """While they are forgotten and loaded again all the time."""
    monkeypatch.setattr(search_index, "MAX_LOADED_MEMORIES", 2 * search_index.MEMORIES_PER_OWNER)
    owners = [f"user {number}" for number in range(6)]
    for owner in owners:
        user_of(service, owner).create(f"tea of {owner}", tier="long")
    wrong = []

    def search(first):
        for turn in range(30):
            owner = owners[(first + turn) % len(owners)]
            found = user_of(service, owner).found("tea", threshold=0.1)
            wrong.extend([] if found == [f"tea of {owner}"] else [found])

    threads = [threading.Thread(target=search, args=(first,)) for first in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    index = service._store._index.get()
    assert index._size == sum(one.counted_size for one in index._loaded.values())


def test_a_plan_reads_an_owner_by_an_index(service, clock):
    """No statement of a search scans a table of all owners."""
    asked = Selection("ada", clock.now, tags=("x",), metadata={"a": 1})
    where, values = condition(asked)
    with service._store._database.read() as connection:
        rows = connection.execute(
            f"EXPLAIN QUERY PLAN SELECT number FROM memories WHERE {where}", values
        ).fetchall()
    assert not [row[-1] for row in rows if row[-1].startswith("SCAN")]
