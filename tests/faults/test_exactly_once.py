"""Every memory exactly once, though answers are lost, connections reset and the server killed.

The server is `memoryos serve`, a process of its own on a file. Between it and the client stands a
proxy that loses answers after the service has acted and resets connections at every moment. Three
times the server is killed with SIGKILL and started anew on its file.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from memoryos import AsyncMemoryOS, MemoryOS, MemoryOSError
from memoryos.testing import FaultProxy, faults

from .callers import LONG, TRIED

pytestmark = [
    pytest.mark.long,
    pytest.mark.local_server,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
]

CREATES = 10_000 if LONG else 500
AT_ONCE = 16
KILLS = 3
CHANCES = {
    faults.LOST_ANSWER: 0.10,
    faults.RESET_BEFORE_REQUEST: 0.02,
    faults.RESET_IN_REQUEST: 0.02,
    faults.RESET_IN_ANSWER: 0.01,
}


class Server:
    """`memoryos serve` on a file and a port that outlive it."""

    def __init__(self, data):
        self.data = data
        self.kills = 0
        told = self._start("0")
        self.base_url = told["base_url"]
        self.api_key = Path(told["api_key_file"]).read_text(encoding="ascii").strip()

    def _start(self, port):
        options = ["--port", port, "--data", str(self.data), "--embedder", "hashing", "--json"]
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "memoryos", "serve", *options],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MEMORY_OS_LOG": "warning"},
        )
        return json.loads(self._process.stdout.readline())

    def kill(self):
        """Kill it in the middle of its work, and start it anew."""
        self._end(signal.SIGKILL)
        assert self._process.returncode == -signal.SIGKILL
        self.kills += 1
        self._start(self.base_url.rpartition(":")[2].partition("/")[0])

    def stop(self):
        self._end(signal.SIGTERM)
        assert self._process.returncode == 0

    def sound_rows(self):
        """Count the rows, after making sure that the file is sound."""
        with contextlib.closing(sqlite3.connect(self.data)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (rows,) = connection.execute("SELECT count(*) FROM memories").fetchone()
        return rows

    def _end(self, by):
        os.kill(self._process.pid, by)
        self._process.communicate(timeout=60)


@pytest.fixture
def server(tmp_path):
    started = Server(tmp_path / "memories.db")
    yield started
    started.stop()


@pytest.fixture
def proxy(server):
    with FaultProxy(server.base_url) as started:
        started.fail_randomly(CHANCES, seed=4)
        yield started


class Progress:
    """Which calls have returned, and what; it kills the server as they come along."""

    def __init__(self, server, creates=CREATES, kills=KILLS):
        self.creates = creates
        self.kills = kills
        self.returned = {}
        self.raised = Counter()
        self._server = server
        self._is_over = False
        self._changed = threading.Condition()
        self._killer = threading.Thread(target=self._kill)

    def returns(self, number, memory):
        with self._changed:
            assert number not in self.returned
            self.returned[number] = memory
            self._changed.notify_all()

    @contextlib.contextmanager
    def counting_errors(self):
        try:
            yield
        except MemoryOSError as error:
            self.raised[type(error).__name__] += 1

    def _kill(self):
        for due in (self.creates * part // (self.kills + 1) for part in range(1, self.kills + 1)):
            with self._changed:
                self._changed.wait_for(lambda due=due: self._is_over or len(self.returned) >= due)
                is_due = len(self.returned) >= due
            if is_due:
                self._server.kill()

    def __enter__(self):
        self._killer.start()
        return self

    def __exit__(self, *_):
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        self._killer.join()


def content(number):
    return f"memory number {number}"


def arguments(number):
    return {
        "content": content(number),
        "tier": "long",
        "metadata": {"tags": [f"tag {number % 7}"]},
        "idempotency_key": f"create-{number}",
    }


def check(server, proxy, progress):
    """Each memory is there once, and is the one that its call handed out."""
    assert server.kills == progress.kills
    assert set(progress.returned) == set(range(progress.creates))
    stored = list(stored_memories(server))
    assert len(stored) == progress.creates
    assert {memory["content"]: memory["id"] for memory in stored} == {
        content(number): memory["id"] for number, memory in progress.returned.items()
    }
    assert server.sound_rows() == progress.creates
    struck = proxy.counts.faults
    for fault, chance in CHANCES.items():
        assert struck[fault.name] > progress.creates * chance / 4
    TRIED["creates, each stored once"] += progress.creates
    TRIED["requests for these creates"] += proxy.counts.requests
    TRIED["answers to creates lost"] += struck[faults.LOST_ANSWER.name]
    TRIED["connections reset under creates"] += sum(struck.values())
    TRIED["connections reset under creates"] -= struck[faults.LOST_ANSWER.name]
    TRIED["creates repeated by the caller"] += sum(progress.raised.values())
    TRIED["servers killed under creates"] += server.kills


def stored_memories(server):
    """All memories, past the proxy."""
    with MemoryOS(server.api_key, server.base_url) as client:
        for offset in count(0, 100):
            page = client.memories.list(limit=100, offset=offset)
            yield from page["data"]
            if not page["meta"]["has_more"]:
                return


def create_all(client, progress):
    """Create from sixteen threads with one client; what raises is repeated with the same key."""

    def create(number):
        while number not in progress.returned:
            with progress.counting_errors():
                progress.returns(number, client.memories.create(**arguments(number)))

    with progress, ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(create, range(progress.creates)))


def test_sync_creates_happen_once_each(server, proxy):
    """The client tries again by itself, up to twenty times."""
    progress = Progress(server)
    with MemoryOS(server.api_key, proxy.base_url, timeout=10, max_retries=20) as client:
        create_all(client, progress)
    check(server, proxy, progress)


def test_a_caller_who_repeats_with_the_same_key_creates_once_as_well(server, proxy):
    """The client gives up at the first failure; nearly each fault reaches the caller."""
    progress = Progress(server, creates=CREATES // 2, kills=1)
    with MemoryOS(server.api_key, proxy.base_url, timeout=10, max_retries=0) as client:
        create_all(client, progress)
    check(server, proxy, progress)
    assert sum(progress.raised.values()) > progress.creates / 10


@pytest.mark.anyio
async def test_async_creates_happen_once_each(server, proxy):
    """One client, sixteen calls at once."""
    progress = Progress(server)
    numbers = iter(range(CREATES))
    async with AsyncMemoryOS(server.api_key, proxy.base_url, timeout=10, max_retries=20) as client:

        async def create_some():
            for number in numbers:
                while number not in progress.returned:
                    with progress.counting_errors():
                        memory = await client.memories.create(**arguments(number))
                        progress.returns(number, memory)

        with progress:
            await asyncio.gather(*(create_some() for _ in range(AT_ONCE)))
    check(server, proxy, progress)
