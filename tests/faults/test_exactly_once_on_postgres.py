"""Four servers behind one database: every memory exactly once, though one is killed at random.

As in `test_exactly_once`, answers are lost and connections reset. A repeated request goes to any of
the four, so that what keeps it from creating twice can only be in the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import uuid

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.testing import FaultProxy

from .balancer import Balancer
from .callers import LONG, TRIED
from .test_exactly_once import AT_ONCE, CHANCES, Progress, arguments, check, create_all

pytestmark = [
    pytest.mark.long,
    pytest.mark.local_server,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
]

CREATES = 10_000 if LONG else 250
SERVERS = 4
ORPHANS = """
    SELECT number FROM {0} EXCEPT SELECT number FROM memories
    UNION ALL SELECT number FROM memories EXCEPT SELECT number FROM {0}
"""


class Process:
    """One `memoryos serve`, on a port that outlives it."""

    def __init__(self, url):
        self._url = url
        self.port = 0
        self.start()

    def start(self):
        options = ["--port", str(self.port), "--store", self._url, "--embedder", "hashing"]
        options += ["--no-key", "--json"]
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "memoryos", "serve", *options],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MEMORY_OS_LOG": "warning"},
        )

    def wait_until_ready(self):
        told = json.loads(self._process.stdout.readline())
        self.port = int(told["base_url"].rpartition(":")[2].partition("/")[0])

    def end(self, by):
        os.kill(self._process.pid, by)
        self._process.communicate(timeout=60)
        return self._process.returncode


class Fleet:
    """The four, behind one address; for each test a new owner without memories."""

    def __init__(self, url, postgres):
        self._url = url
        self._postgres = postgres
        self._chance = random.Random(6)
        self.processes = [Process(url) for _ in range(SERVERS)]
        for process in self.processes:
            process.wait_until_ready()

    def begin(self):
        from memoryos_server.service.operations import open_service

        self.kills = 0
        self._owner = uuid.uuid4().hex
        with contextlib.closing(open_service(self._url, embedder=None)) as service:
            self.api_key = service.create_key(owner=self._owner)

    def kill(self):
        """Kill one of the four in the middle of its work, and start it anew."""
        process = self._chance.choice(self.processes)
        assert process.end(signal.SIGKILL) == -signal.SIGKILL
        self.kills += 1
        process.start()
        process.wait_until_ready()

    def stop(self):
        assert [process.end(signal.SIGTERM) for process in self.processes] == [0] * SERVERS

    def sound_rows(self):
        """Count the owner's rows, after making sure that words and vectors belong to them."""
        for table in ("vectors", "memory_words", "memory_tags"):
            statement = ORPHANS.format(table).replace("FROM ", "FROM memoryos.")
            assert self._postgres.execute(statement, self._url) == [], table
        ((rows,),) = self._postgres.execute(
            f"SELECT count(*) FROM memoryos.memories WHERE owner = '{self._owner}'", self._url
        )
        return rows


@pytest.fixture(scope="module")
def fleet(postgres):
    started = Fleet(postgres.make_database(), postgres)
    yield started
    started.stop()


@pytest.fixture
def server(fleet):
    with Balancer([process.port for process in fleet.processes]) as balancer:
        fleet.begin()
        fleet.base_url = f"http://127.0.0.1:{balancer.port}/v1"
        yield fleet
    assert all(balancer.taken)


@pytest.fixture
def proxy(server):
    with FaultProxy(server.base_url) as started:
        started.fail_randomly(CHANCES, seed=4)
        yield started


def test_sync_creates_happen_once_each(server, proxy):
    """Sixteen threads with one client; a call that raises is repeated with the same key."""
    progress = Progress(server, CREATES)
    with MemoryOS(server.api_key, proxy.base_url, timeout=10, max_retries=20) as client:
        create_all(client, progress)
    check(server, proxy, progress)
    TRIED["servers on PostgreSQL killed under creates"] += server.kills


@pytest.mark.anyio
async def test_async_creates_happen_once_each(server, proxy):
    """One client, sixteen calls at once."""
    progress = Progress(server, CREATES)
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
    TRIED["servers on PostgreSQL killed under creates"] += server.kills
