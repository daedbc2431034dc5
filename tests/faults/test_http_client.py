"""A caller's httpx client against hostile services: bounded, and one response a request."""

from __future__ import annotations

import asyncio
import importlib
import threading
import time
import zlib

import pytest

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.exceptions import APITimeoutError, MemoryOSError

from ..cpu_time import is_shorter_than_decoding
from .callers import KEY, done, until
from .hostile_server import MEMORY_LIST, HostileServer, chunked, response

FORGED = response(MEMORY_LIST.replace(b'"total": 0', b'"total": 666'))


class Kind:
    """One package of httpx's interface, and one kind of its clients."""

    def __init__(self, package, *, is_async):
        self.package = importlib.import_module(package)
        self.is_async = is_async

    def http_client(self, **settings):
        """Make the caller's client."""
        kind = self.package.AsyncClient if self.is_async else self.package.Client
        return kind(**{"trust_env": False, **settings})

    def run(self, use, base_url, http_client=None, **settings):
        """Run `await use(client, http_client)`."""

        async def use_and_close():
            sender = self.http_client() if http_client is None else http_client
            client_class = AsyncMemoryOS if self.is_async else MemoryOS
            client = client_class(KEY, base_url, http_client=sender, **settings)
            try:
                return await use(client, sender)
            finally:
                await done(sender.aclose() if self.is_async else sender.close())

        return asyncio.run(use_and_close())


@pytest.fixture(params=["sync-httpx", "async-httpx", "sync-httpx2", "async-httpx2"])
def kind(request):
    """Each kind of client that can be passed."""
    flavour, package = request.param.split("-")
    if package == "httpx2":
        pytest.importorskip("httpx2", reason="it needs Python 3.11")
    return Kind(package, is_async=flavour == "async")


def informational(server, connection, _number):
    """Send informational responses for ever."""
    server.repeat(connection, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def slow_informational(server, connection, _number):
    """The same, with pauses."""
    server.repeat(connection, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 0.05)


def dripping_head(server, connection, _number):
    """Send a head, one byte at a time."""
    server.drip(connection, b"HTTP/1.1 200 OK\r\n" + b"X-Padding: 1\r\n" * 500)


def dripping_body(server, connection, _number):
    """Send a body, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n")
    server.drip(connection, b" " * 90000)


def dripping_chunks(server, connection, _number):
    """Send the size of a chunk, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    server.drip(connection, b"1;" + b"x" * 4000)


def tiny_chunks(server, connection, _number):
    """Send chunks of one byte without a pause."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    server.repeat(connection, b"1\r\n \r\n" * 5000)


def empty_gzip_blocks(server, connection, _number):
    """Send gzip data that decodes to nothing."""
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    )
    head = packer.compress(b"") + packer.flush(zlib.Z_SYNC_FLUSH)
    connection.sendall(b"%x\r\n%s\r\n" % (len(head), head))
    block = packer.flush(zlib.Z_FULL_FLUSH) or b"\x00\x00\x00\xff\xff"
    block *= 3000
    server.repeat(connection, b"%x\r\n%s\r\n" % (len(block), block))


def slow_trailer(server, connection, _number):
    """Send a trailer, one byte at a time."""
    connection.sendall(chunked(MEMORY_LIST)[:-2])
    server.drip(connection, b"X-Padding: 1\r\n" * 500)


STORMS = [
    informational,
    slow_informational,
    dripping_head,
    dripping_body,
    dripping_chunks,
    tiny_chunks,
    empty_gzip_blocks,
    slow_trailer,
]


async def failed_in(client, limit):
    """Make a call that fails; return its error after checking how long it took."""
    began = time.monotonic()
    with pytest.raises(MemoryOSError) as raised:
        await done(client.memories.list())
    assert time.monotonic() - began < limit
    return raised.value


@pytest.mark.off_contract(reason="storms are no responses")
@pytest.mark.parametrize("storm", STORMS, ids=lambda storm: storm.__name__)
def test_no_storm_outlasts_the_timeout(kind, storm):
    """Whatever trickles or pours in: the attempt ends in time."""

    async def use(client, _):
        await failed_in(client, 5)

    with HostileServer(storm) as server:
        kind.run(use, server.base_url, timeout=0.4, max_retries=0)


@pytest.mark.off_contract(reason="storms are no responses")
@pytest.mark.parametrize("storm", [slow_informational, dripping_body], ids=lambda s: s.__name__)
def test_no_storm_outlasts_the_deadline(kind, storm):
    """Nor do retries."""

    async def use(client, _):
        assert isinstance(await failed_in(client, 5), APITimeoutError)

    with HostileServer(storm) as server:
        kind.run(use, server.base_url, timeout=20, deadline=0.6, max_retries=5)


@pytest.mark.off_contract(reason="storms are no responses")
@pytest.mark.parametrize("storm", STORMS, ids=lambda storm: storm.__name__)
def test_storms_leave_the_event_loop_to_others(storm):
    """The loop's thread works for a short time only between two beats of a task beside the call.

    Its own time is measured, since other processes may take this machine's.
    """
    kind = Kind("httpx", is_async=True)
    gaps = []

    async def use(client, _):

        async def beat():
            last = time.thread_time()
            while True:
                await asyncio.sleep(0.005)
                now = time.thread_time()
                gaps.append(now - last)
                last = now

        heart = asyncio.ensure_future(beat())
        await failed_in(client, 5)
        heart.cancel()

    def longest_pause():
        gaps.clear()
        kind.run(use, server.base_url, timeout=0.7, max_retries=0)
        return max(gaps)

    with HostileServer(storm) as server:
        assert is_shorter_than_decoding(8, longest_pause)  # httpcore parses up to 64 KiB at once


SURPLUS = {
    "length": response() + FORGED,
    "chunked": chunked(MEMORY_LIST) + FORGED,
    "many chunks": chunked(*(MEMORY_LIST[n : n + 1] for n in range(len(MEMORY_LIST)))) + FORGED,
    "trailer": chunked(MEMORY_LIST, trailer=b"X-End: 1\r\n") + FORGED,
    "half a head": response() + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Swallow: ",
    "one byte": response() + b"\n",
    "after an informational response": b"HTTP/1.1 103 Early\r\n\r\n" + response() + FORGED,
    "after an error": response(b"{}", "500 Oops") + FORGED,
    "after no content": b"HTTP/1.1 204 No Content\r\n\r\n" + FORGED,
    "a body of 204": response(MEMORY_LIST, "204 No Content"),
    "a body of 304": response(MEMORY_LIST, "304 Not Modified"),
    "length and chunked": chunked(MEMORY_LIST).replace(
        b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n", 1
    )
    + FORGED,
}


@pytest.mark.off_contract(reason="surplus bytes are no response")
@pytest.mark.parametrize("network", ["plain", "tls"])
@pytest.mark.parametrize("name", SURPLUS)
def test_surplus_bytes_never_answer_the_next_call(kind, name, network, certified, trust):
    """The connection that they came on is closed."""

    def behave(_server, connection, number):
        connection.sendall(SURPLUS[name] if number == 0 else response())
        return True

    async def use(client, _):
        try:
            await done(client.memories.list())
        except MemoryOSError:
            assert "after" in name or "of" in name
        for _ in range(2):
            assert (await done(client.memories.list()))["meta"]["total"] == 0

    with HostileServer(behave, certified if network == "tls" else None) as server:
        verify = trust if network == "tls" else True
        kind.run(use, server.base_url, kind.http_client(verify=verify), max_retries=0)
        assert (server.connections, len(server.requests)) == (2, 3)


@pytest.mark.off_contract(reason="surplus bytes are no response")
def test_surplus_bytes_in_a_record_of_their_own_are_noticed(kind, certified, trust):
    """TLS may hold a second record, which the socket doesn't show."""
    forged = threading.Event()

    def behave(_server, connection, number):
        connection.sendall(response())
        if number == 0:
            connection.sendall(FORGED)
            forged.set()
        return True

    async def use(client, _):
        for _ in range(3):
            assert (await done(client.memories.list()))["meta"]["total"] == 0
            await until(forged.is_set)
            await asyncio.sleep(0.05)

    with HostileServer(behave, certified) as server:
        kind.run(use, server.base_url, kind.http_client(verify=trust), max_retries=0)


@pytest.mark.parametrize("body", [response(), chunked(MEMORY_LIST), chunked(b"", MEMORY_LIST[:9])])
def test_a_good_connection_is_used_again(kind, body):
    """The guard costs no connection where nothing is wrong."""
    if body.startswith(chunked(b"")[:40]) and b"meta" not in body:
        body = chunked(MEMORY_LIST[:9], MEMORY_LIST[9:], trailer=b"X-End: 1\r\n")

    def behave(_server, connection, _number):
        connection.sendall(body)
        return True

    async def use(client, _):
        for _ in range(4):
            await done(client.memories.list())

    with HostileServer(behave) as server:
        kind.run(use, server.base_url)
        assert (server.connections, len(server.requests)) == (1, 4)


@pytest.mark.off_contract(reason="surplus bytes are no response")
def test_a_connection_that_the_caller_has_opened_is_guarded_too(kind):
    """Its first response was not seen from the beginning, so it is closed after that."""

    def behave(_server, connection, number):
        connection.sendall(response() + (FORGED if number == 1 else b""))
        return True

    async def use(client, sender):
        await done(sender.get(client.base_url))
        for _ in range(3):
            assert (await done(client.memories.list()))["meta"]["total"] == 0
        assert (await done(sender.get(client.base_url))).json()["meta"]["total"] == 0

    with HostileServer(behave) as server:
        kind.run(use, server.base_url, max_retries=0)
        assert (server.connections, len(server.requests)) == (2, 5)


def test_the_callers_own_requests_keep_their_own_timeouts(kind):
    """A connection that was opened for the SDK is the caller's as before."""

    def behave(_server, connection, number):
        if number == 1:
            time.sleep(2)
        connection.sendall(response())
        return True

    async def use(client, sender):
        await done(client.memories.list())
        assert (await done(sender.get(client.base_url))).status_code == 200

    with HostileServer(behave) as server:
        kind.run(use, server.base_url, timeout=1.5, max_retries=0)
        assert server.connections == 1


@pytest.mark.parametrize("package", ["httpx", "httpx2"])
@pytest.mark.parametrize("stubborn", [False, True])
def test_an_async_transport_that_never_returns_is_bounded(package, stubborn):
    """It is cancelled; one that ignores that is left alone."""
    pytest.importorskip(package, reason="it needs Python 3.11")
    kind = Kind(package, is_async=True)
    ended = []

    class Hangs(kind.package.AsyncBaseTransport):
        async def handle_async_request(self, _request):
            try:
                await asyncio.sleep(30)
            finally:
                ended.append(time.monotonic())
                if stubborn:
                    await asyncio.sleep(30)
            raise kind.package.ConnectError("too late")

    async def use(client, _):
        error = await failed_in(client, 10)
        assert isinstance(error, APITimeoutError)
        assert ended

    kind.run(
        use,
        "http://127.0.0.1:1/v1",
        kind.http_client(transport=Hangs()),
        timeout=0.3,
        max_retries=0,
    )


@pytest.mark.parametrize("package", ["httpx", "httpx2"])
def test_a_cancelled_call_ends_at_once_and_leaves_the_client_usable(package):
    """`wait_for` and `cancel` reach the attempt, and its connection is closed."""
    pytest.importorskip(package, reason="it needs Python 3.11")

    def behave(server, connection, number):
        if number == 0:
            server.repeat(connection, b"HTTP/1.1 100 Continue\r\n\r\n", 0.01)
        connection.sendall(response())
        return True

    async def use(client, _):
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.memories.list(), 0.2)
        assert (await client.memories.list())["meta"]["total"] == 0
        assert len(asyncio.all_tasks()) == 1

    with HostileServer(behave) as server:
        Kind(package, is_async=True).run(use, server.base_url, timeout=20)
