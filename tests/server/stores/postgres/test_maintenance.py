"""What follows a write in PostgreSQL fails no write, and leaves nothing behind for good."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from memoryos_server.model.errors import unavailable
from memoryos_server.stores.limits import PURGE_BATCH_SIZE
from memoryos_server.stores.purge_schedule import PurgeSchedule

psycopg = pytest.importorskip("psycopg", reason="the extra [postgres] is not installed")

from memoryos_server.stores.postgres import maintenance, memories


@pytest.fixture
def user(start, user_of, new_database):
    return user_of(start(new_database()))


@pytest.mark.parametrize(
    ("error", "reason"),
    [(unavailable("The node is down"), "The node is down"), (psycopg.DataError("x"), "DataError")],
)
def test_a_purge_that_fails_fails_no_write(user, monkeypatch, caplog, error, reason):
    """The write has succeeded by then; another owner's node may be down, for example."""

    def fail(*_arguments):
        raise error

    monkeypatch.setattr(memories, "purge_expired", fail)
    memory = user.create("Ada likes tea", tier="long")
    assert user.list() == [memory]
    assert f"will retry: {reason}\n" in caplog.text


def test_each_write_deletes_expired_keys_until_none_is_left(start, user_of, new_database, postgres):
    """More are used in an interval between two purges than one purge deletes."""
    url = new_database()
    user = user_of(start(url))
    user.list()
    postgres.execute(
        "INSERT INTO memoryos.claims (owner, operation, key, body_hash, record_id, created_at) "
        "SELECT 'default', 'create_memory', number::text, 'h', 'r', '2020-01-01' "
        f"FROM generate_series(1, {2 * PURGE_BATCH_SIZE + 1}) AS numbers (number)",
        url,
    )
    counts = []
    for number in range(3):
        user.create(f"memory {number}")
        counts += postgres.execute("SELECT count(*) FROM memoryos.claims", url)
    assert counts == [(PURGE_BATCH_SIZE + 1,), (1,), (0,)]


def test_an_indexing_that_fails_fails_no_write(user, monkeypatch, caplog):
    def fail(*_arguments):
        raise psycopg.DataError("x")

    monkeypatch.setattr(maintenance.VectorIndexing, "continue_for", fail)
    memory = user.create("Ada likes tea", tier="long")
    assert user.list() == [memory]
    assert "will retry: DataError\n" in caplog.text


def test_statistics_that_fail_fail_no_write(user, monkeypatch):
    def fail(_connection, written):
        raise psycopg.DataError(f"after {written}")

    monkeypatch.setattr(maintenance, "collect", fail)
    monkeypatch.setattr(maintenance.FirstWrites, "next_is_due", lambda _writes: 1)
    memory = user.create("Ada likes tea", tier="long")
    assert user.list() == [memory]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_while_another_thread_decides_whom_to_purge_stops_no_child(user, monkeypatch):
    is_deciding, may_go_on = threading.Event(), threading.Event()
    is_due = PurgeSchedule._is_due

    def decide(schedule, *arguments):
        is_deciding.set()
        assert may_go_on.wait(60)
        return is_due(schedule, *arguments)

    user.create("before")
    with ThreadPoolExecutor(1) as threads:
        with monkeypatch.context() as patch:
            patch.setattr(PurgeSchedule, "_is_due", decide)
            writing = threads.submit(user.create, "while forking")
            assert is_deciding.wait(60)
            child = os.fork()
            if child == 0:
                patch.undo()
                signal.alarm(60)  # ends the child if it waits for the lock
                try:
                    user.create("from the child")
                finally:
                    os._exit(0)
            may_go_on.set()
        writing.result()
    assert os.waitpid(child, 0)[1] == 0
    assert len(user.list()) == 3
