"""The transports without a socket, under real httpx clients."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import httpx
import pytest

from memoryos_server.http.in_process import (
    LOCAL_BASE_URL,
    AsyncLocalTransport,
    LocalTransport,
    local_key,
)
from memoryos_server.model.caller import Caller
from memoryos_server.service.results import Result


def sync_client(service):
    return httpx.Client(transport=LocalTransport(service), base_url=LOCAL_BASE_URL)


def async_client(service):
    return httpx.AsyncClient(transport=AsyncLocalTransport(service), base_url=LOCAL_BASE_URL)


def workers():
    return [t for t in threading.enumerate() if t.name.startswith("memoryos-local")]


def test_a_client_works_without_a_key_and_without_a_thread(service):
    """The caller is the default owner with every scope; the calling thread does the work."""
    before = set(threading.enumerate())
    with sync_client(service) as http:
        created = http.post("/memories", json={"content": "é"}, headers={"Idempotency-Key": "k"})
        listed = http.get("/memories", params={"limit": 3, "tier": "long"})
        assert set(threading.enumerate()) <= before
    assert (created.status_code, listed.status_code) == (200, 200)
    assert created.json()["data"]["content"]
    caller = Caller("default", frozenset({"*"}))
    completed = {"content": "é", "tier": "short", "content_type": "text"}
    assert service.calls == [
        ("create_memory", caller, {"Idempotency-Key": "k"}, completed, {"tier", "content_type"}),
        ("list_memories", caller, {"limit": 3, "offset": 0, "tier": "long"}, None, set()),
    ]


def test_whatever_key_a_client_sends_is_not_read(service):
    """A client that insists on a key sends the one for in-process use, or any other."""
    with sync_client(service) as http:
        for key in (local_key(), "nonsense"):
            assert http.get("/tags", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_streamed_bodies_and_answers_work(service):
    """As over a socket."""
    with sync_client(service) as http:
        with http.stream("POST", "/search", content=iter([b'{"query":', b'"x"}'])) as response:
            assert b"".join(response.iter_bytes()).startswith(b'{"data"')
        assert http.head("/tags").content == b""
        assert http.options("/tags").status_code == 204


def test_closing_closes_the_service_once_and_ends_all_calls(service):
    """A call afterwards is an error, not an answer."""
    transport = LocalTransport(service)
    transport.close()
    transport.close()
    assert service.closed == 1
    with pytest.raises(RuntimeError, match="closed"):
        transport.handle_request(httpx.Request("GET", f"{LOCAL_BASE_URL}/tags"))


def test_constructing_starts_no_thread(service):
    """It begins with the first call."""
    before = threading.active_count()
    transports = LocalTransport(service), AsyncLocalTransport(service)
    assert threading.active_count() == before
    assert len(transports) == 2


def test_the_async_client_works_in_one_loop_after_another(service):
    """It belongs to none; one thread does all the work, and ends with the client."""
    client = async_client(service)

    async def call():
        return [(await client.get("/tags")).status_code for _ in range(3)]

    assert asyncio.run(call()) == [200] * 3
    assert asyncio.run(call()) == [200] * 3
    assert len(workers()) == 1
    asyncio.run(client.aclose())
    assert workers() == []
    assert service.closed == 1


@pytest.mark.anyio
async def test_async_calls_run_one_after_another_in_one_thread(service):
    """The event loop stays free meanwhile."""
    threads = set()
    release = threading.Event()

    def slow(*_):
        threads.add(threading.current_thread().name)
        assert release.wait(30)
        return Result([], {"total": 0, "limit": 50, "offset": 0, "has_more": False})

    service.list_tags = slow
    async with async_client(service) as client:
        calls = [asyncio.ensure_future(client.get("/tags")) for _ in range(5)]
        await asyncio.sleep(0)
        release.set()
        assert [r.status_code for r in await asyncio.gather(*calls)] == [200] * 5
    assert len(threads) == 1
    assert workers() == []


@pytest.mark.anyio
async def test_a_cancelled_call_leaves_the_client_usable(service):
    """What had begun is finished in the thread; what waited is not begun."""
    begun, release = threading.Event(), threading.Event()
    times = []

    def slow(*_):
        times.append(None)
        begun.set()
        assert release.wait(30)
        return Result([], {"total": 0, "limit": 50, "offset": 0, "has_more": False})

    service.list_tags = slow
    async with async_client(service) as client:
        running = asyncio.ensure_future(client.get("/tags"))
        waiting = asyncio.ensure_future(client.get("/tags"))
        assert await asyncio.to_thread(begun.wait, 30)
        for call in (running, waiting):
            call.cancel()
        assert all(
            isinstance(r, asyncio.CancelledError)
            for r in await asyncio.gather(running, waiting, return_exceptions=True)
        )
        release.set()
        assert (await client.get("/entities")).status_code == 200
    assert len(times) == 1


@pytest.mark.anyio
async def test_aclose_waits_for_what_is_under_way(service):
    """The service is closed after the last answer, and only once."""
    order = []
    begun, release = threading.Event(), threading.Event()

    def slow(*_):
        begun.set()
        assert release.wait(30)
        order.append("answered")
        return Result([], {"total": 0, "limit": 50, "offset": 0, "has_more": False})

    service.list_tags = slow
    service.close = lambda: order.append("closed")
    transport = AsyncLocalTransport(service)
    request = httpx.Request("GET", f"{LOCAL_BASE_URL}/tags")
    call = asyncio.ensure_future(transport.handle_async_request(request))
    assert await asyncio.to_thread(begun.wait, 30)
    closing = asyncio.ensure_future(transport.aclose())
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(call, closing, transport.aclose())
    assert order == ["answered", "closed"]
    with pytest.raises(RuntimeError, match="closed"):
        await transport.handle_async_request(request)


FORKING = """
import asyncio, os, httpx
from memoryos_server.service.results import Result
from memoryos_server.http.in_process import LOCAL_BASE_URL, AsyncLocalTransport

class Service:
    def __getattr__(self, name):
        return lambda *_: Result([])

client = httpx.AsyncClient(transport=AsyncLocalTransport(Service()), base_url=LOCAL_BASE_URL)
call = lambda: asyncio.run(client.get("/tags")).status_code
assert call() == 200
child = os.fork()
assert call() == 200
if child:
    assert os.waitpid(child, 0)[1] == 0
asyncio.run(client.aclose())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_after_a_fork_both_processes_go_on():
    """The child has none of its parent's threads, and starts one of its own."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")
