"""Event loops that can't watch a socket, such as the one of Windows."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from memoryos import AsyncMemoryOS
from memoryos.exceptions import APITimeoutError, MemoryOSError

from .callers import KEY
from .hostile_server import HostileServer, response

UPLOAD = {"metadata": {"text": "x" * 20_000_000}}
REJECTION = response(b'{"error": {"code": "TOO_LARGE", "message": "too large"}}', "413 Too Large")


class Loop(asyncio.SelectorEventLoop):
    """Reports the end of operations only."""

    def add_reader(self, fd, callback, *args):
        # Python 3.8 calls this method for operations, too.
        if getattr(callback, "__self__", None) is not self:
            raise NotImplementedError
        super().add_reader(fd, callback, *args)


@pytest.fixture
def run():
    """Run a coroutine, and fail where the event loop reports an error."""
    loop = Loop()
    reports = []
    loop.set_exception_handler(lambda _loop, context: reports.append(context))
    yield loop.run_until_complete
    loop.close()
    assert reports == []


def reject(server, connection, _number):
    """Send a response without reading the rest of the request, and keep the connection open."""
    connection.sendall(REJECTION)
    server.stopped.wait(10)
    return False


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_upload_ends_when_the_service_rejects_it(run, certified, trust, scheme):
    """The response counts, although the service never reads the whole request."""
    is_tls = scheme == "https"

    async def use(server):
        settings = {"ssl_context": trust} if is_tls else {}
        async with AsyncMemoryOS(KEY, server.base_url, max_retries=0, timeout=5, **settings) as c:
            for _ in range(2):
                with pytest.raises(MemoryOSError) as raised:
                    await c.memories.create("tea", **UPLOAD)
                assert raised.value.code == "TOO_LARGE"

    with HostileServer(reject, certified if is_tls else None) as server:
        run(use(server))
        assert server.connections == 2


def test_an_upload_that_the_service_never_reads_ends_in_time(run):
    """At the timeout, without an error in the log."""

    def stall(server, _connection, _number):
        server.stopped.wait(10)
        return False

    async def use(server):
        async with AsyncMemoryOS(KEY, server.base_url, max_retries=0, timeout=0.5) as client:
            started = time.monotonic()
            with pytest.raises(APITimeoutError):
                await client.memories.create("tea", **UPLOAD)
            assert time.monotonic() - started < 5

    with HostileServer(stall) as server:
        run(use(server))


def test_calls_share_a_connection_and_can_be_cancelled(run, network):
    """Each way of sending."""
    proxy, settings = network

    async def use():
        async with AsyncMemoryOS(KEY, proxy.base_url, **settings) as client:
            for number in range(10):
                assert (await client.memories.create(f"tea {number}"))["content"] == f"tea {number}"
            assert proxy.counts.connections == 1
            for delay in range(20):
                call = asyncio.ensure_future(client.memories.create("x" * 100_000))
                await asyncio.sleep(delay / 10_000)
                call.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await call
            assert (await client.memories.create("tea"))["content"] == "tea"

    run(use())
