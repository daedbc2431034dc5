"""Each kind of client behind one face, every operation, and no time passing."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import httpx

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._protocol.retries import Clock
from memoryos.exceptions import MemoryOSError
from memoryos.testing import Reply
from memoryos_api import models
from memoryos_api.errors import UnexpectedBody, UnexpectedStatus
from memoryos_api.operations import OPERATIONS as CONTRACT

KEY = "mos_test_TELLTALE0123456789"
ID = "550e8400-e29b-41d4-a716-446655440000"
PATIENCE_SECONDS = 30

# `make test-long` sets it: everything at full size.
LONG = bool(os.environ.get("MEMORY_OS_LONG_TESTS"))

OPERATIONS = {
    "create_memory": lambda client: client.memories.create("tea"),
    "list_memories": lambda client: client.memories.list(),
    "get_memory": lambda client: client.memories.get(ID),
    "update_memory": lambda client: client.memories.update(ID, tier="long"),
    "delete_memory": lambda client: client.memories.delete(ID),
    "search_memories": lambda client: client.search("tea"),
    "get_context": lambda client: client.get_context("tea"),
    "list_tags": lambda client: client.tags.list(),
    "list_entities": lambda client: client.entities.list(),
    "create_entity": lambda client: client.entities.create("Ada", "person"),
}

# What the generated functions send, by operation.
BODIES = {
    "create_memory": models.MemoryCreate("tea"),
    "update_memory": models.MemoryUpdate(tier="long"),
    "search_memories": models.SearchRequest(query="tea"),
    "get_context": models.ContextRequest("tea"),
    "create_entity": models.EntityCreate("Ada", "person"),
}


def through_low_level(name):
    """Return the call of an operation's generated function through `low_level`."""
    module = import_module(CONTRACT[name].module)
    arguments = {"memory_id": ID} if "{memory_id}" in CONTRACT[name].path else {}
    arguments.update({"body": BODIES[name]} if name in BODIES else {})

    def call(client):
        is_async = isinstance(client, AsyncMemoryOS)
        function = module.asyncio_detailed if is_async else module.sync_detailed
        return function(client=client.low_level, **arguments)

    return call


LOW_LEVEL = {name: through_low_level(name) for name in CONTRACT}

ERRORS = (MemoryOSError, UnexpectedBody, UnexpectedStatus)

# What is counted while the tests run, and told at the end.
TRIED: Counter[str] = Counter()


class Outcome:
    """What became of one call: what it handed out or raised, and how long it waited in between."""

    def __init__(self):
        self.value = None
        self.error = None
        self.waits = []


class Caller:
    """One kind of client: the SDK's own connections or httpx's, sync or async."""

    def __init__(self, kind):
        self.kind = kind
        self.is_async = kind.startswith("async")
        self.through_httpx = kind.endswith("httpx")

    def client(self, base_url, **settings):
        """Make a client as a user does."""
        client_class = AsyncMemoryOS if self.is_async else MemoryOS
        return client_class(**{"api_key": KEY, "base_url": base_url, **settings})

    def run(self, use, base_url, **settings):
        """Run `await use(client)` on a new client, and close it."""

        async def use_and_close():
            async with self.http_client() as http_client:
                client = self.client(base_url, http_client=http_client, **settings)
                try:
                    return await use(client)
                finally:
                    await done(client.close())

        return asyncio.run(use_and_close())

    @contextlib.asynccontextmanager
    async def http_client(self):
        """Make the caller's own httpx client, where this kind has one, and close it."""
        if not self.through_httpx:
            yield None
        elif self.is_async:
            async with httpx.AsyncClient(verify=False) as client:
                yield client
        else:
            with httpx.Client(verify=False) as client:
                yield client

    def outcomes(self, base_url, operations, *, calls=None, at_once=False, **settings):
        """Carry out each operation on a client of its own; return the outcomes by name."""
        chosen = {name: (calls or OPERATIONS)[name] for name in operations}
        return asyncio.run(self._outcomes(base_url, chosen, at_once, settings))

    async def _outcomes(self, base_url, operations, at_once, settings):
        async with self.http_client() as http_client:
            clients = {
                name: self.client(base_url, http_client=http_client, **settings)
                for name in operations
            }
            if self.is_async:
                work = [_outcome_async(clients[name], operations[name]) for name in operations]
                found = await (asyncio.gather(*work) if at_once else _one_by_one(work))
            else:
                with ThreadPoolExecutor(len(operations) if at_once else 1) as pool:
                    found = list(pool.map(_outcome, clients.values(), operations.values()))
            for client in clients.values():
                await done(client.close())
        return dict(zip(operations, found))


def open_sockets():
    """Return how many sockets this process has open; 0 where the system does not tell."""
    links = Path("/proc/self/fd")
    if not links.is_dir():
        return 0
    return sum(_target(link).startswith("socket:") for link in links.iterdir())


def _target(link):
    try:
        return os.readlink(link)
    except FileNotFoundError:  # the listing's own
        return ""


def wait_until(is_so):
    """Wait for another thread, for some seconds at most."""
    for _ in range(10_000):
        if is_so():
            return
        time.sleep(0.001)
    raise AssertionError("it never came to be")


async def until(is_so):
    """Wait for another thread while the event loop runs, for some seconds at most."""
    await asyncio.get_running_loop().run_in_executor(None, wait_until, is_so)


def held_until(event):
    """Return an answer of a FaultProxy that waits for an event, and contains what was sent."""

    def answer(received):
        event.wait(PATIENCE_SECONDS)
        return Reply(200, json.dumps({"data": json.loads(received.body)}).encode())

    return answer


def waiting(client):
    """Return how many calls wait for a connection; -1 where none has begun."""
    pools = [
        pool for made in client._session.transport._made.values() for pool in made._pools.values()
    ]
    return len(pools[0]._pool._queue) if pools and pools[0].open else -1


async def done(value):
    """Return what a call hands out, whichever client made it."""
    return await value if inspect.isawaitable(value) else value


async def _one_by_one(work):
    return [await one for one in work]


def quicken(client):
    """Let the client's waits take no time, with jitter at its longest; return their list."""
    waits = []

    async def sleep_async(seconds):
        waits.append(seconds)

    is_async = isinstance(client, AsyncMemoryOS)
    client._session.sleep = sleep_async if is_async else waits.append
    client._session.clock = Clock(random=lambda: 1.0)
    return waits


def _outcome(client, call):
    outcome = Outcome()
    outcome.waits = quicken(client)
    try:
        outcome.value = call(client)
    except ERRORS as error:
        outcome.error = error
    return outcome


async def _outcome_async(client, call):
    outcome = Outcome()
    outcome.waits = quicken(client)
    try:
        outcome.value = await call(client)
    except ERRORS as error:
        outcome.error = error
    return outcome
