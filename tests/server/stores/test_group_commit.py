"""Writes of several threads that share a commit."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores import group_commit
from memoryos_server.stores.group_commit import GroupCommit


class Database:
    """Stores what is added; its first transaction waits until so many writes wait."""

    def __init__(self, waiting=0):
        self.stored = []
        self.sizes = []
        self.begin_error = self.commit_error = None
        self.first = threading.Event()
        self.go_on = threading.Event()
        self.group = GroupCommit(self.begin)
        if not waiting:
            self.first.set()
            self.go_on.set()

    @contextmanager
    def begin(self):
        self.first.set()
        self.go_on.wait(60)
        if self.begin_error:
            raise self.begin_error
        added = []
        yield added
        if self.commit_error:
            raise self.commit_error
        self.sizes.append(len(added))
        self.stored += added

    def add(self, value):
        def work(added):
            if isinstance(value, Exception):
                raise value
            added.append(value)
            return f"stored {value}"

        return self.group.run(work)


def run_together(database, values):
    """Add values at once, in one group: while a first transaction is in progress, all wait."""
    results = {}

    def add(value):
        try:
            results[value] = database.add(value)
        except Exception as error:  # noqa: BLE001 - it is the result
            results[value] = error

    threads = [threading.Thread(target=add, args=("first",))]
    threads[0].start()
    assert database.first.wait(60)
    for value in values:
        waiting = len(database.group._waiting)
        threads.append(threading.Thread(target=add, args=(value,)))
        threads[-1].start()
        while len(database.group._waiting) == waiting:  # the thread has not come to it yet
            threading.Event().wait(0.001)
    database.go_on.set()
    for thread in threads:
        thread.join()
    return results


def test_a_single_write_is_a_transaction():
    database = Database()
    assert [database.add(1), database.add(2)] == ["stored 1", "stored 2"]
    assert (database.stored, database.sizes) == ([1, 2], [1, 1])


def test_those_that_wait_are_committed_together():
    """In the order in which they came, each once, with its own result."""
    database = Database(waiting=5)
    results = run_together(database, range(5))
    assert database.stored == ["first", *range(5)]
    assert database.sizes == [1, 5]
    assert results == {value: f"stored {value}" for value in database.stored}


def test_no_transaction_is_larger_than_the_limit(monkeypatch):
    monkeypatch.setattr(group_commit, "MAX_GROUP_SIZE", 2)
    database = Database(waiting=5)
    run_together(database, range(5))
    assert database.stored == ["first", *range(5)]
    assert database.sizes == [1, 2, 2, 1]


def test_an_error_is_that_of_the_write_that_raises_it():
    """The others are stored, none twice."""
    database, wrong = Database(waiting=3), ValueError("wrong")
    results = run_together(database, [1, wrong, 2])
    assert database.stored == ["first", 1, 2]
    assert results == {"first": "stored first", 1: "stored 1", wrong: wrong, 2: "stored 2"}


def test_an_error_of_the_commit_is_everybodys_and_nothing_is_repeated():
    """It may have been stored all the same."""
    database = Database(waiting=2)
    database.commit_error = OSError("disk full")
    results = run_together(database, [1, 2])
    assert set(results.values()) == {database.commit_error}
    assert (database.stored, len(results)) == ([], 3)


def test_a_transaction_that_cannot_begin_is_everybodys_error():
    """One waits for a lock, not one after the other."""
    database = Database(waiting=2)
    database.begin_error = OSError("locked")
    results = run_together(database, [1, 2])
    assert set(results.values()) == {database.begin_error}
    database.begin_error = None
    assert database.add("later") == "stored later"


def test_an_interruption_of_one_thread_leaves_no_other_waiting():
    database, errors = Database(), []
    inside, go_on = threading.Event(), threading.Event()

    def interrupted(added):
        inside.set()
        go_on.wait(60)
        raise KeyboardInterrupt

    def leader():
        with pytest.raises(KeyboardInterrupt):
            database.group.run(interrupted)

    def follower():
        try:
            database.add("other")
        except ServiceError as error:
            errors.append(error.status)

    threads = [threading.Thread(target=leader)]
    threads[0].start()
    assert inside.wait(60)
    threads.append(threading.Thread(target=follower))
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert database.stored == ["other"]
    assert errors == []


def test_an_interrupted_group_is_an_error_of_the_others():
    """Those whose transaction was rolled back are told; nobody waits without end."""
    database, errors = Database(waiting=1), []

    def interrupted(added):
        raise KeyboardInterrupt

    def add(work):
        try:
            database.group.run(work)
        except BaseException as error:  # noqa: BLE001 - it is the result
            errors.append(type(error))

    first = threading.Thread(target=database.add, args=("first",))
    first.start()
    assert database.first.wait(60)
    threads = []
    for work in (lambda added: added.append(1), interrupted):
        waiting = len(database.group._waiting)
        threads.append(threading.Thread(target=add, args=(work,)))
        threads[-1].start()
        while len(database.group._waiting) == waiting:
            threading.Event().wait(0.001)
    database.go_on.set()
    for thread in (first, *threads):
        thread.join()
    assert sorted(error.__name__ for error in errors) == ["KeyboardInterrupt", "ServiceError"]
    assert database.stored == ["first"]


def test_many_threads_lose_and_double_nothing():
    database = Database()
    values = list(range(400))

    def add(part):
        for value in part:
            assert database.add(value) == f"stored {value}"

    threads = [threading.Thread(target=add, args=(values[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(database.stored) == values


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_process_writes_while_its_parent_does(start, user_of, tmp_path):
    """A fork copies no turn that nobody would end."""
    user = user_of(start(tmp_path / "m.db"))
    user.create("imports all that is needed", tier="long")
    stop = threading.Event()

    def write():
        while not stop.is_set():
            user.create("of the parent", tier="long")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    user.create("of a child", tier="long")
                    status = 0
                finally:
                    os._exit(status)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        writer.join()
    contents = [memory["content"] for memory in user.list(limit=10_000)]
    assert contents.count("of a child") == 5
