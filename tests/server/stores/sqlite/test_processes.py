"""Several processes on one file: sharing it, forking, and dying in the middle of a write."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading

import pytest

from memoryos_server.model.errors import ServiceError
from memoryos_server.stores.sqlite import fork_guard

NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")

WRITER = """
import sys
from memoryos_server.model.caller import Caller
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.service.operations import open_service

service = open_service(sys.argv[1], embedder=HashingEmbedder())
caller = Caller("default", frozenset())
for number in range(int(sys.argv[3])):
    content = f"{sys.argv[2]} {number}"
    body = {"content": content, "tier": "long", "content_type": "text"}
    service.create_memory(caller, {"Idempotency-Key": str(number)}, body)
    print(content, flush=True)
service.close()
"""


def writer(path, name, count):
    command = [sys.executable, "-W", "error", "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def contents(user, limit=100_000):
    return {memory["content"] for memory in user.list(limit=limit)}


def test_processes_write_to_one_file_at_once_and_it_is_made_once(start, user_of, tmp_path):
    path = tmp_path / "m.db"
    writers = [writer(path, "same", 40) for _ in range(3)]
    assert [process.wait(timeout=120) for process in writers] == [0, 0, 0]
    said = [process.communicate()[0].splitlines() for process in writers]
    user = user_of(start(path))
    assert user.page().meta["total"] == 40
    assert contents(user) == set(said[0])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize("round_", range(5))
def test_no_acknowledged_write_is_lost_when_the_process_is_killed(start, user_of, tmp_path, round_):
    path = tmp_path / "m.db"
    process = writer(path, "w", 1_000_000)
    acknowledged = {process.stdout.readline().strip() for _ in range(5 + 7 * round_)}
    process.send_signal(signal.SIGKILL)
    acknowledged |= {
        line.strip()
        for line in process.communicate()[0].splitlines(keepends=True)
        if line.endswith("\n")
    }
    user = user_of(start(path))
    assert acknowledged <= contents(user)
    assert len(user.found("w", threshold=0, limit=100)) >= min(len(acknowledged), 100)
    with user.service._store._database.read() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def run_in_fork(act):
    """Run `act` in a forked child, and return what it returned."""
    reader, sender = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        try:
            sender.send(act())
        except BaseException as error:  # noqa: BLE001 - the child must not go on with the test run
            sender.send(repr(error))
        finally:
            os._exit(0)
    sender.close()
    answer = reader.recv()
    os.waitpid(child, 0)
    reader.close()
    return answer


@NEEDS_FORK
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_parent_and_forked_child_go_on_with_one_service(start, user_of, tmp_path):
    user = user_of(start(tmp_path / "m.db"))
    memory = user.create("from the parent", tier="long")
    user.get(memory["id"])

    def child():
        user.create("from the child", tier="long")
        user.service.close()
        return user.service._store._database._is_closed

    assert run_in_fork(child) is True
    found = user.found("from the child", threshold=0.5, explain=True)  # counts no accesses
    assert found == ["from the child", "from the parent"]
    user.create("after it", tier="long")
    assert contents(user) == {"from the parent", "from the child", "after it"}
    assert user.get(memory["id"])["access_count"] == 2  # the child wrote none of the parent's


@NEEDS_FORK
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_loses_nothing_when_its_parent_closes_first(start, user_of, tmp_path):
    """SQLite deletes the log with the last connection that it knows of; see fork_guard.py."""
    path = tmp_path / "m.db"
    user = user_of(start(path))
    user.create("before", tier="long")
    parent_closed, child_opened = multiprocessing.Event(), multiprocessing.Event()

    def child():
        user.create("while both are open", tier="long")
        child_opened.set()
        parent_closed.wait(60)
        user.create("after the parent closed", tier="long")
        return "done"

    def close_when_open():
        child_opened.wait(60)
        user.service.close()
        parent_closed.set()

    closer = threading.Timer(0, close_when_open)
    reader, sender = multiprocessing.Pipe(duplex=False)
    process = os.fork()
    if process == 0:
        try:
            sender.send(child())
        finally:
            os._exit(0)
    sender.close()
    closer.start()
    assert reader.recv() == "done"
    reader.close()
    os.waitpid(process, 0)
    closer.join()
    assert contents(user_of(start(path))) == {
        "before",
        "while both are open",
        "after the parent closed",
    }


@NEEDS_FORK
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_memory_os_in_memory_says_that_it_does_not_survive_a_fork(user):
    user.create("Ada")

    def child():
        with pytest.raises(ServiceError) as refused:
            user.list()
        return refused.value.message

    assert "fork" in run_in_fork(child)
    assert len(user.list()) == 1


@NEEDS_FORK
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_in_the_middle_of_a_write_is_refused_in_the_child(
    start, user_of, tmp_path, monkeypatch
):
    monkeypatch.setattr(fork_guard, "FORK_WAIT_SECONDS", 0.01)
    user = user_of(start(tmp_path / "m.db"))
    user.create("Ada")

    def child():
        with pytest.raises(ServiceError) as refused:
            user.list()
        return refused.value.message

    with user.service._store._database.write():
        message = run_in_fork(child)
    assert "forked while" in message
    user.create("Bo")
    assert contents(user) == {"Ada", "Bo"}


def test_a_spawned_process_can_be_given_the_path(start, user_of, tmp_path):
    user = user_of(start(tmp_path / "m.db"))
    process = writer(tmp_path / "m.db", "spawned", 3)
    assert process.wait(timeout=60) == 0
    process.stdout.close()
    assert contents(user) == {"spawned 0", "spawned 1", "spawned 2"}
