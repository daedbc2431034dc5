"""Waits between attempts take no time, and are told."""

from __future__ import annotations

import asyncio
import time

import pytest

from memoryos import AsyncMemoryOS, MemoryOS, MemoryOSError, RateLimitError
from memoryos.testing import FaultProxy, faults

pytestmark = pytest.mark.off_contract(reason="the proxy answers by itself, and with faults")


@pytest.fixture
def proxy():
    with FaultProxy() as proxy:
        yield proxy


def test_the_waits_of_both_clients_are_noted_and_not_waited(proxy, memoryos_waits):
    """Those of clients that were made before, too."""

    async def remember():
        async with AsyncMemoryOS("mos_test_key", proxy.base_url) as memory:
            await memory.memories.create("tea")

    proxy.fail_next(faults.status(429, retry_after=30))
    proxy.fail_next(faults.status(503, retry_after=20))
    started = time.monotonic()
    with MemoryOS("mos_test_key", proxy.base_url) as memory:
        memory.memories.create("tea")
    proxy.fail_next(faults.status(429, retry_after=10))
    asyncio.run(remember())
    assert memoryos_waits == [30, 20, 10]
    assert time.monotonic() - started < 30


def test_to_the_client_it_is_as_if_the_time_had_passed(proxy, memoryos_waits):
    """So that a deadline ends a call where it would."""
    proxy.fail_always(faults.status(429, retry_after=40))
    memory = MemoryOS("mos_test_key", proxy.base_url, deadline=100)
    with memory, pytest.raises(RateLimitError) as caught:
        memory.memories.create("tea")
    assert caught.value.attempts == 3
    assert memoryos_waits == [40, 40]


def test_without_the_fixture_a_client_waits(proxy):
    """It is there for the tests that ask for it, and for no others."""
    proxy.fail_next(faults.status(503, retry_after=0.05))
    with MemoryOS("mos_test_key", proxy.base_url) as memory:
        started = time.monotonic()
        memory.memories.create("tea")
        assert time.monotonic() - started >= 0.05
        proxy.fail_always(faults.status(503, retry_after=5))
        with pytest.raises(MemoryOSError):
            memory.with_options(deadline=1).memories.create("tea")
