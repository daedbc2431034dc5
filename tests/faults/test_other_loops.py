"""An event loop that doesn't report events of sockets, as the default one of Windows."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from memoryos import AsyncMemoryOS
from memoryos._async.stream import UnwatchedStream
from memoryos.exceptions import APIConnectionError, APITimeoutError, InvalidResponseError
from memoryos.testing import faults

from .callers import KEY, quicken
from .storms import STORMS, raging


class Loop(asyncio.SelectorEventLoop):
    """Has operations on sockets, and no `add_reader`."""

    def add_reader(self, *_arguments):
        raise NotImplementedError

    def add_writer(self, *_arguments):
        raise NotImplementedError


def run(work):
    """Run a coroutine on such a loop."""
    loop = Loop()
    try:
        return loop.run_until_complete(asyncio.wait_for(work, 60))
    finally:
        loop.close()


@contextlib.asynccontextmanager
async def client_of(base_url, **settings):
    """Make a client, and close it."""
    client = AsyncMemoryOS(KEY, base_url, **settings)
    quicken(client)
    try:
        yield client
    finally:
        await client.close()


def test_calls_share_a_connection(proxy):
    """One after the other; many at once have several."""

    async def use():
        async with client_of(proxy.base_url) as client:
            for _ in range(5):
                assert (await client.memories.create("tea"))["content"] == "tea"
            assert proxy.counts.connections == 1
            found = await asyncio.gather(*[client.memories.create("tea") for _ in range(30)])
            assert {memory["content"] for memory in found} == {"tea"}
            pool = next(iter(client._session.transport._made.values()))._pools
            for connection in next(iter(pool.values())).clear():
                assert isinstance(connection._stream, UnwatchedStream)
                connection.abort()

    run(use())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.HANGS_BEFORE_ANSWER, APITimeoutError),
        (faults.ALL["two content lengths"], InvalidResponseError),
        (faults.ALL["half a head"], APIConnectionError),
        (faults.LOST_ANSWER, APIConnectionError),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_fault_comes_to_the_same(proxy, fault, error):
    """And the next call is fine."""

    async def use():
        async with client_of(proxy.base_url, timeout=0.5, max_retries=0) as client:
            proxy.fail_next(fault)
            with pytest.raises(error):
                await client.memories.create("tea")
            again = client.with_options(timeout=20)
            assert (await again.memories.create("tea"))["content"] == "tea"

    run(use())


def test_calls_over_tls(tls_proxy, trust):
    """The same bytes, encrypted."""

    async def use():
        async with client_of(tls_proxy.base_url, ssl_context=trust) as client:
            for _ in range(3):
                assert (await client.memories.create("tea"))["content"] == "tea"
            assert tls_proxy.counts.connections == 1

    run(use())


@pytest.mark.parametrize("name", ["100 Continue", "one-byte chunks", "large chunks"])
def test_a_storm_ends_by_the_deadline(name):
    """The loop goes on, since the timer that ends the call gets its turn."""

    async def use(base_url):
        async with client_of(base_url, timeout=1, max_retries=0) as client:
            with pytest.raises((APITimeoutError, InvalidResponseError)):
                await client.memories.create("tea")

    with raging(STORMS[name]) as base_url:
        run(use(base_url))


def test_a_cancelled_call_leaves_the_client_usable(proxy):
    """Its connection is closed."""

    async def use():
        async with client_of(proxy.base_url) as client:
            proxy.fail_next(faults.HANGS_BEFORE_ANSWER)
            call = asyncio.ensure_future(client.memories.create("tea"))
            await asyncio.sleep(0.1)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert (await client.memories.create("tea"))["content"] == "tea"

    run(use())
