"""Transfers between stores of any kind: everything arrives, also after an interruption."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores import transfer_tables
from memoryos_server.stores.factory import open_transfer_source, open_transfer_target
from memoryos_server.stores.transfer import TransferError, transfer

from .transferring import contents, fill


@pytest.mark.usefixtures("small_batches")
def test_everything_arrives(start, user_of, clock, places, run):
    """Times, counts, order, parents, tags, entities, keys and vectors, for every owner."""
    source, target = places
    service = start(source)
    fill(service, user_of, clock)
    user_of(service).search("tea", threshold=0)
    service.close()
    result = run(source, target)
    assert result.counts == {
        "memories": 16,
        "tags": 6,
        "entities": 4,
        "idempotency records": 4,
        "API keys": 3,
    }
    assert result.written == 16
    before, after = (contents(start(place), user_of) for place in places)
    assert after == before


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("writes", [0, 2, 9])
def test_an_interrupted_transfer_goes_on_where_it_was(
    start, user_of, filled, run, interrupt, writes
):
    source, target = filled
    interrupt(source, target, writes)
    result = run(source, target)
    assert result.counts["memories"] == 16
    assert result.written < 16
    assert contents(start(target), user_of) == contents(start(source), user_of)


@pytest.mark.usefixtures("small_batches")
def test_what_changed_in_the_source_since_an_interruption_is_replaced(
    start, user_of, clock, filled, run, interrupt
):
    """Updates, deletions with their tags, new memories, an owner who has nothing any more."""
    source, target = filled
    interrupt(source, target, 9)
    service = start(source)
    user = user_of(service)
    lines = user.list(tags=["tea"])
    clock.advance(hours=1)
    user.update(lines[0]["id"], content="another garden", metadata={"tags": ["new"]})
    user.delete(lines[1]["id"])
    user.create("added", tier="long", metadata={"tags": ["tea"]})
    leaving = user_of(service, "bo")
    for memory in leaving.list():
        leaving.delete(memory["id"])
    service.close()
    run(source, target)
    assert contents(start(target), user_of) == contents(start(source), user_of)


@pytest.mark.parametrize("vector", ["", "00", "00" * 4, "0000c07f" * 384], ids=len)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_damaged_vector_is_named(
    start, user_of, change_rows, tmp_path, new_place, run, kind, vector
):
    source = str(tmp_path / "source.db")
    service = start(source)
    user_of(service).create("tea", tier="long")
    damaged = user_of(service).create("more tea", tier="long")["id"]
    change_rows(service, f"UPDATE vectors SET vector = x'{vector}' WHERE number = 2")
    with pytest.raises(
        TransferError, match=rf"the vector of the memory {damaged} in .* is damaged"
    ):
        run(source, new_place(kind, "target.db"))


@pytest.mark.usefixtures("small_batches")
@pytest.mark.both_stores
def test_a_copy_of_a_source_with_other_numbers_is_not_continued(
    start, user_of, clock, rows_of, change_rows, place, new_place, run, interrupt
):
    """As after the restoration of another backup: a memory has the number of another one."""
    source = new_place("sqlite", "source.db")
    service = start(source)
    fill(service, user_of, clock)
    interrupt(source, str(place), 9)
    ((moved,),) = rows_of(service, "SELECT id FROM memories WHERE number = 13")
    change_rows(service, "DELETE FROM memories WHERE number = 13")
    change_rows(service, f"UPDATE memories SET id = '{moved}' WHERE number = 10")
    service.close()
    with pytest.raises(TransferError, match="was begun with another state of the source"):
        run(source, str(place))


def test_new_memories_follow_those_that_were_copied(start, user_of, filled, run, rows_of):
    """Their numbers are higher, on which the order of a conversation depends."""
    source, target = filled
    run(source, target)
    service = start(target)
    user = user_of(service)
    user.create("the newest", tier="long")
    user.create_entity("the newest", aliases=[])
    for table, column in (("memories", "content"), ("entities", "name")):
        rows = rows_of(service, f"SELECT {column}, owner FROM {table} ORDER BY number")
        assert rows[-1] == ("the newest", "default")


def test_the_copy_is_of_the_moment_at_which_the_transfer_began(start, user_of, clock, places, run):
    source, target = places
    service = start(source)
    user = user_of(service)
    for number in range(3):
        user.create(f"tea {number}", tier="long")
    expected = user.list()

    with open_transfer_source(source, clock.now) as opened, open_transfer_target(target) as filled:
        opened.owners()
        user.create("too late", tier="long")
        user.delete(expected[0]["id"])
        transfer(opened, filled, lambda _: None)
    assert user_of(start(target)).list() == expected


def test_a_difference_between_both_sides_is_an_error(start, user_of, filled, run, monkeypatch):
    source, target = filled
    with open_transfer_target(target) as opened:
        kind = type(opened)
    replace = kind.replace

    def lose_a_vector(self, table, owner, deleted, stored):
        if table is transfer_tables.MEMORIES:
            stored = [stored[0]._replace(vector=None), *stored[1:]]
        replace(self, table, owner, deleted, stored)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "replace", lose_a_vector)
        with pytest.raises(TransferError, match=r"the memories of bo differ \(8 in .*, 8 in the"):
            run(source, target)
    with pytest.raises(ServiceError, match="unfinished copy"):
        user_of(start(target)).list()
    assert run(source, target).written == 2
    assert contents(start(target), user_of) == contents(start(source), user_of)


def test_an_owner_whom_only_the_target_has_is_an_error(filled, run, monkeypatch):
    source, target = filled
    with open_transfer_target(target) as opened:
        kind = type(opened)
    replace = kind.replace

    def write_for_another(self, table, owner, deleted, stored):
        replace(self, table, owner, deleted, stored)
        if table is transfer_tables.KEYS:
            tag = transfer_tables.OWNED_TABLES[1]
            row = self.batch(tag, "bo", None)[0]
            replace(self, tag, "eve", [], [row._replace(record=row.record._replace(owner="eve"))])

    with monkeypatch.context() as patch:
        patch.setattr(kind, "replace", write_for_another)
        with pytest.raises(TransferError, match="has records of eve, whom"):
            run(source, target)
    assert run(source, target).written == 0


KILLED = """
import os, signal, sys
from datetime import datetime, timezone
from memoryos_server.stores import factory, transfer, transfer_tables
source, target, writes = sys.argv[1:]
transfer_tables.BATCH_SIZE = 3
remaining = iter(range(int(writes)))
with factory.open_transfer_source(source, datetime.now(timezone.utc)) as opened:
    with factory.open_transfer_target(target) as filled:
        module = sys.modules[type(filled).__module__]
        name = "_copy_in" if target.startswith("postgresql") else "_insert_memory"
        insert = getattr(module, name)
        def insert_or_die(*arguments):
            insert(*arguments)
            if next(remaining, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
        setattr(module, name, insert_or_die)
        transfer.transfer(opened, filled, lambda _: None)
"""


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("memories", [1, 7])
def test_a_process_killed_in_the_midst_of_a_batch_loses_nothing(
    start, user_of, filled, run, memories
):
    source, target = filled
    command = [sys.executable, "-c", KILLED, source, target, str(memories)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    run(source, target)
    assert contents(start(target), user_of) == contents(start(source), user_of)


def test_a_closed_file_is_only_read(start, user_of, clock, tmp_path, run):
    source = tmp_path / "m.db"
    service = start(source)
    fill(service, user_of, clock)
    service.close()
    before = source.read_bytes()
    run(str(source), str(tmp_path / "copy.db"))
    assert source.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "m.db"]


@pytest.mark.parametrize(("version", "message"), [(1, "an older"), (99, "a newer")])
@pytest.mark.both_stores
def test_tables_of_another_version_are_neither_read_nor_changed(
    start, user_of, rows_of, change_rows, place, tmp_path, store, run, version, message
):
    service = start(place)
    user_of(service).create("kept", tier="long")
    read, change = {
        "sqlite": ("PRAGMA user_version", "PRAGMA user_version = {}"),
        "postgres": (
            "SELECT value FROM settings WHERE name = 'version'",
            "UPDATE settings SET value = '{}' WHERE name = 'version'",
        ),
    }[store]
    ((current,),) = rows_of(service, read)
    change_rows(service, change.format(version))
    other = str(tmp_path / "other.db")
    user_of(start(other)).list()
    for pair in ((str(place), other), (other, str(place))):
        with pytest.raises(TransferError, match=f"was written by {message} Memory OS"):
            run(*pair)
    change_rows(service, change.format(current))
    assert user_of(service).page().meta["total"] == 1
