"""A service that never pauses: calls end in time, and an event loop goes on all the while.

The loop's longest turn is measured as CPU time of its thread, so that other work of the machine has
no part in it.
"""

from __future__ import annotations

import asyncio
import gc
import time

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._async import connections as async_connections
from memoryos._sync import connections
from memoryos.exceptions import APITimeoutError, InvalidResponseError, MemoryOSError

from ..wrapper._transport.http1.conftest import engine_named
from .callers import KEY
from .storms import STORMS, raging

LIMIT = 0.8
"""Seconds for each attempt and for the whole call."""

LONG_LIMIT = 30
"""The same, for documents that are read to their ends."""

LONGEST_TURN = 0.1
"""Seconds of CPU between two turns of the heartbeat."""

SLACK = 5
"""Seconds that a loaded machine may add."""


@pytest.fixture(params=["h11", "httptools"])
def engine(request, monkeypatch):
    """Each engine in turn, for both clients."""
    chosen = engine_named(request.param)
    for module in (connections, async_connections):
        monkeypatch.setattr(module, "ENGINE", chosen)


class Heartbeat:
    """Notes the longest time that the loop's thread computes between two turns of a task."""

    def __init__(self):
        self.longest = 0.0
        self.turns = 0

    async def beat(self):
        """Take turns until it is cancelled."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest = max(self.longest, now - before)
            self.turns += 1
            before = now


async def under_watch(call):
    """Return what a call ends in, the seconds that it took, and the heartbeat."""
    gc.collect()
    gc.freeze()  # for good: the objects of the other tests are no part of what is measured
    heart = Heartbeat()
    beating = asyncio.ensure_future(heart.beat())
    await asyncio.sleep(0)
    started = time.monotonic()
    try:
        outcome = await call
    except MemoryOSError as error:
        outcome = error
    finally:
        took = time.monotonic() - started
        for _ in range(2):  # the heart beats once more, and so notes the last turn, too
            await asyncio.sleep(0)
        beating.cancel()
    return outcome, took, heart


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("network", "engine"), [("plain", "h11"), ("tls", "httptools")], indirect=["engine"]
)
@pytest.mark.parametrize("name", STORMS)
def test_the_event_loop_goes_on_in_a_storm(name, network, trust, certified):
    """And the call ends by its deadline, or before it."""

    # Over TLS, documents are broken off as well; otherwise they are read to their ends.
    limit = LONG_LIMIT if STORMS[name].times == 0 and network == "plain" else LIMIT

    async def use(base_url):
        settings = {"ssl_context": trust} if network == "tls" else {}
        async with AsyncMemoryOS(
            KEY, base_url, limit, max_retries=2, deadline=limit, **settings
        ) as client:
            return await under_watch(client.memories.create("tea"))

    with raging(STORMS[name], certified if network == "tls" else None) as base_url:
        outcome, took, heart = asyncio.run(use(base_url))
    assert heart.longest < LONGEST_TURN
    assert heart.turns > 3
    assert took < limit + SLACK
    assert isinstance(outcome, (dict, APITimeoutError, InvalidResponseError))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", STORMS)
def test_a_sync_call_ends_in_a_storm(name):
    """By its deadline, too."""
    with raging(STORMS[name]) as base_url, MemoryOS(
        KEY, base_url, LIMIT, max_retries=2, deadline=LIMIT
    ) as client:
        started = time.monotonic()
        try:
            outcome = client.memories.create("tea")
        except MemoryOSError as error:
            outcome = error
        took = time.monotonic() - started
    assert took < LIMIT + SLACK
    assert isinstance(outcome, (dict, APITimeoutError, InvalidResponseError))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", STORMS)
@pytest.mark.parametrize(
    ("moment", "engine"), [(0.0, "h11"), (0.2, "httptools")], indirect=["engine"]
)
def test_a_call_can_be_cancelled_in_a_storm(name, moment, proxy):
    """At once; and the client, whose connection is closed, goes on with the next call."""

    async def use(base_url):
        async with AsyncMemoryOS(KEY, base_url, 60, max_retries=0) as client:
            call = asyncio.ensure_future(client.memories.create("tea"))
            await asyncio.sleep(moment)
            if not call.done():
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            else:
                call.exception()
            transport = client._session.transport
            # A response that is there, though not decoded, leaves its connection open.
            assert not transport.is_open or not STORMS[name].times
            again = AsyncMemoryOS(KEY, proxy.base_url)
            assert (await again.memories.create("tea"))["content"] == "tea"
            await again.close()

    with raging(STORMS[name]) as base_url:
        asyncio.run(asyncio.wait_for(use(base_url), 60))
