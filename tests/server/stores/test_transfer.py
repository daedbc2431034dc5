"""Transfers between stores of any kind: everything arrives, also after an interruption."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError
from memoryos_server.stores import transfer_tables
from memoryos_server.stores.factory import open_transfer_source, open_transfer_target
from memoryos_server.stores.transfer import TransferError, transfer

DIRECTIONS = [
    ("sqlite", "sqlite"),
    ("sqlite", "postgres"),
    ("postgres", "sqlite"),
    ("postgres", "postgres"),
]
OWNERS = ("default", "bo", "nobody's keys")
QUERIES = ("tea with Ada", "the garden", "kumquat")


@pytest.fixture
def new_place(tmp_path, request):
    """Return a function that returns a new file, or the URL of an empty database."""

    def new(kind, name):
        if kind == "sqlite":
            return str(tmp_path / name)
        return request.getfixturevalue("new_database")()

    return new


@pytest.fixture(params=DIRECTIONS, ids="-".join)
def places(request, new_place):
    """A source and a target of each kind."""
    source, target = request.param
    return new_place(source, "source.db"), new_place(target, "target.db")


@pytest.fixture
def small_batches(monkeypatch):
    """Make each batch three rows, so that a few memories are several batches."""
    monkeypatch.setattr(transfer_tables, "BATCH_SIZE", 3)


@pytest.fixture
def run(clock):
    """Return a function that transfers one place to another."""

    def transferred(source, target):
        with open_transfer_source(source, clock.now) as one, open_transfer_target(target) as other:
            return transfer(one, other, lambda _: None)

    return transferred


def fill(service, user_of, clock):
    """Store the same records for two owners, and the keys of a third one."""
    for owner in OWNERS[:2]:
        user = user_of(service, owner)
        # At the same time, so that only their numbers order them.
        lines = [
            user.create(
                f"Ada: line {number} of tea",
                tier="long",
                content_type="conversation",
                metadata={"session": "s", "tags": ["tea", f"user:{owner}"], "n": number % 2 == 0},
            )
            for number in range(4)
        ]
        clock.advance(seconds=1)
        user.create("the garden has no tags", key="k1")
        user.create(
            "a child\0 of \1 Zoë 🎉",
            tier="medium",
            parent_memory_id=lines[0]["id"],
            metadata={"tags": ["Café"], "entities": ["e-1"], "one": 1, "true": True, "x": [1.5]},
        )
        # Its parent comes after it.
        first = user.upsert("to be replaced", tier="long")
        later = user.create("the later parent", tier="long")
        user.upsert("replaced", tier="long", parent_memory_id=later["id"])
        assert user.get(first["id"])["parent_memory_id"] == later["id"]
        user.create_entity("Ada", aliases=["Lady A."], metadata={"b": 1, "a": 2}, key="k2")
        user.create_entity("Bo")
        user.create("deleted", tier="long")
        user.delete(user.list(limit=1)[0]["id"])
    for owner in OWNERS:
        service.create_key(
            owner=owner,
            scopes=("memories:read",),
            name=f"of {owner}",
            expires_at=clock.now + timedelta(days=9),
            scope={"user": "alice"},
        )
    service.revoke_key(service.list_keys()[0].id)


def contents(service, user_of):
    """Return what the owners can read, and the keys."""
    answers = []
    for owner in OWNERS:
        user = user_of(service, owner)
        answers.append((user.list(), user.tags().data, user.entities().data))
        answers.append(user.list(tags=["tea"], metadata={"n": True}))
        for query in QUERIES:
            found = user.search(query, threshold=0.1)["results"]
            scores = [round(item["combined_score"], 9) for item in found]
            answers.append(([item["id"] for item in found], scores))
    return answers, service.list_keys()


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


@pytest.fixture
def filled(start, user_of, clock, places):
    """The records of `fill` in the source, whose service is closed."""
    service = start(places[0])
    fill(service, user_of, clock)
    service.close()
    return places


@pytest.fixture
def interrupt(monkeypatch, run):
    """Return a function that begins a transfer, and breaks it off after some writes."""

    def begin(source, target, writes):
        with open_transfer_target(target) as opened:
            kind = type(opened)
        replace = kind.replace
        remaining = iter(range(writes))

        def fail_in_the_end(self, *arguments):
            replace(self, *arguments)
            if next(remaining, None) is None:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(kind, "replace", fail_in_the_end)
            with pytest.raises(KeyboardInterrupt):
                run(source, target)

    return begin


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


def test_an_interrupted_target_can_not_be_used(start, user_of, filled, interrupt, run, new_place):
    source, target = filled
    interrupt(source, target, 1)
    service = start(target)
    with pytest.raises(ServiceError, match="is an unfinished copy: run the same"):
        user_of(service).list()
    service.close()
    with pytest.raises(TransferError, match="is an unfinished copy"):
        run(target, new_place("sqlite", "other.db"))
    other = new_place("sqlite", "another source.db")
    user_of(start(other)).create("of somebody else", tier="long")
    with pytest.raises(TransferError, match=r"is an unfinished copy of .*source.*|postgresql"):
        run(other, target)
    run(source, target)
    assert user_of(start(target)).page().meta["total"] == 8


def test_a_target_with_data_is_refused_and_left_alone(start, user_of, filled, run):
    source, target = filled
    user_of(start(target)).create("kept", tier="long")
    with pytest.raises(TransferError, match="already has data: 1 memories of 1 owners"):
        run(source, target)
    assert [memory["content"] for memory in user_of(start(target)).list()] == ["kept"]


def test_an_emptied_target_takes_the_embedder_of_the_source(start, user_of, filled, run):
    """Else its vectors would count as those of the embedder that the target had before."""
    source, target = filled
    for embedder in (HashingEmbedder(64), None):
        service = start(target, embedder=embedder)
        user = user_of(service)
        user.delete(user.create("of another embedder", tier="long")["id"])
        service.close()
    run(source, target)
    assert contents(start(target), user_of) == contents(start(source), user_of)


def test_an_emptied_target_forgets_its_embedder(start, user_of, places, run):
    source, target = places
    for place, embedder in ((source, None), (target, HashingEmbedder(64))):
        service = start(place, embedder=embedder)
        user = user_of(service)
        kept = user.create("tea with Ada", tier="long")
        if place is target:
            user.delete(kept["id"])
        service.close()
    run(source, target)
    assert user_of(start(target)).found("tea", threshold=0) == ["tea with Ada"]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.both_stores
def test_an_earlier_run_changes_nothing_after_a_later_one(
    start, user_of, clock, place, new_place, run
):
    """Such as one whose terminal was lost. It would delete what was stored since."""
    source = new_place("sqlite", "source.db")
    service = start(source)
    fill(service, user_of, clock)
    service.close()
    users = []

    def overtake(_):
        if users:
            return
        users.append(None)
        run(source, str(place))
        users[0] = user_of(start(place))
        users[0].create("stored since", tier="long")

    with open_transfer_source(source, clock.now) as one, open_transfer_target(str(place)) as other:
        with pytest.raises((TransferError, ServiceError), match="nother") as refused:
            transfer(one, other, overtake)
        if "has begun since" in str(refused.value):
            assert users[0].list(limit=1)[0]["content"] == "stored since"
    if users == [None]:  # the later run was refused instead
        run(source, str(place))
    assert user_of(start(place)).page().meta["total"] == 8 + (users != [None])


def test_a_file_that_a_program_has_open_is_not_filled(start, user_of, clock, tmp_path, run):
    source = start(tmp_path / "source.db")
    user_of(source).create("tea", tier="long")
    user = user_of(start(tmp_path / "m.db"))
    assert user.list() == []
    with pytest.raises(TransferError, match=r"a program has .*m\.db open"):
        run(str(tmp_path / "source.db"), str(tmp_path / "m.db"))
    kept = user.create("written meanwhile", tier="long")
    assert user.list() == [kept]


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
