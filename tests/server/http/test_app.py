"""The ASGI shell: bounded reading, a bounded pool, health, shutdown."""

from __future__ import annotations

import asyncio
import json
import threading

import anyio
import httpx
import pytest

from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.pages import default_endpoints
from memoryos_server.service.results import Result
from memoryos_server.service.warm_up import WarmUp

pytestmark = pytest.mark.anyio
KEY = {"Authorization": "Bearer mos_test_everything"}


def client(app):
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test/v1", headers=KEY
    )


async def exchange(app, messages, headers=()):
    """Send raw ASGI messages; return what was sent back and how many messages were taken."""
    scope = {
        "type": "http", "method": "POST", "path": "/v1/search", "raw_path": b"/v1/search",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer mos_test_everything"), *headers],
    }  # fmt: skip
    taken, sent = [], []

    async def receive():
        taken.append(None)
        return next(messages)

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent, len(taken)


def chunks(chunk, count):
    for index in range(count):
        yield {"type": "http.request", "body": chunk, "more_body": index < count - 1}


async def test_a_request_reaches_the_dispatcher_as_it_came(dispatcher, service):
    """Method, raw path, query, headers and body."""
    async with client(create_app(dispatcher)) as http:
        response = await http.get("/tags", params={"search": "é"})
        assert response.status_code == 200
        assert (await http.get("/memories/a%2Fb")).status_code == 400
        assert (await http.request("TRACE", "/tags")).status_code == 405
        assert (await http.post("/search", json={"query": "x"})).status_code == 200
    assert service.calls[0][2]["search"] == "é"
    assert response.headers["x-request-id"] == response.json()["meta"]["request_id"]


async def test_the_health_route_needs_no_key(dispatcher, service):
    """It is for whoever waits for the server, outside the contract."""
    app = create_app(dispatcher, endpoints=default_endpoints(service, WarmUp(None)))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as http:
        response = await http.get("/healthz")
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
        assert (await http.get("/elsewhere")).json()["error"]["code"] == "NOT_FOUND"


async def test_a_body_in_pieces_is_put_together(dispatcher, service):
    """However the network cuts it."""
    text = json.dumps({"query": "in pieces"}).encode()
    pieces = (
        {"type": "http.request", "body": text[i : i + 1], "more_body": True}
        for i in range(len(text))
    )

    def messages():
        yield from pieces
        yield {"type": "http.request"}

    sent, _ = await exchange(create_app(dispatcher), messages())
    assert sent[0]["status"] == 200
    assert service.calls[0][3]["query"] == "in pieces"


async def test_a_body_over_the_limit_is_read_to_its_end_and_refused(service):
    """The client that sends it gets to read the 413, and may go on using the connection."""
    app = create_app(Dispatcher(service, max_body_bytes=1000))
    sent, taken = await exchange(app, chunks(b"x" * 1000, 50))
    assert (sent[0]["status"], taken) == (413, 50)
    assert b"connection" not in dict(sent[0]["headers"])


async def test_a_huge_body_is_refused_before_it_is_all_read(service):
    """Past a bound the connection is closed instead."""
    app = create_app(Dispatcher(service, max_body_bytes=1000))
    sent, taken = await exchange(app, chunks(b"x" * 1_000_000, 1000))
    assert sent[0]["status"] == 413
    assert taken < 20
    assert dict(sent[0]["headers"])[b"connection"] == b"close"


async def test_no_more_of_a_body_is_kept_than_the_limit_and_a_byte(service):
    """What is read beyond is thrown away, not collected."""
    kept = []

    class Spy(Dispatcher):
        def handle(self, method, path, query, headers, body, **known):
            kept.append(len(body))
            return super().handle(method, path, query, headers, body, **known)

    await exchange(create_app(Spy(service, max_body_bytes=1000)), chunks(b"x" * 999, 50))
    assert kept == [1001]


async def test_a_client_that_goes_away_is_not_answered(dispatcher, service):
    """Half a body is nothing to act on."""
    messages = iter(
        [
            {"type": "http.request", "body": b'{"query"', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent, _ = await exchange(create_app(dispatcher), messages)
    assert (sent, service.calls) == ([], [])


async def test_as_many_requests_are_worked_on_at_once_as_there_are_threads(dispatcher, service):
    """The others wait, and are all answered."""
    lock, state = threading.Lock(), {"now": 0, "most": 0}
    both = threading.Barrier(2)

    def slow(*_):
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
        both.wait(timeout=30)
        with lock:
            state["now"] -= 1
        return Result([], {"total": 0, "limit": 50, "offset": 0, "has_more": False})

    service.list_tags = slow
    statuses = []

    async def get(http):
        statuses.append((await http.get("/tags")).status_code)

    async with client(
        create_app(dispatcher, threads=2)
    ) as http, anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(get, http)
    assert statuses == [200] * 6
    assert state["most"] == 2


async def test_past_the_bound_a_request_is_refused_in_the_envelope(service, is_documented):
    """503 with Retry-After, at once; those under way are answered, and then there is room again."""
    release = threading.Event()
    answer = service.list_tags

    def slow(*arguments):
        release.wait(timeout=30)
        return answer(*arguments)

    service.list_tags = slow
    app, statuses = create_app(Dispatcher(service), threads=1, max_concurrent_requests=3), []

    async def get(http):
        statuses.append((await http.get("/tags")).status_code)

    first_use = {"Authorization": "Bearer mos_test_default"}
    async with client(app) as http:
        # The application has seen this key, so a request with it takes its place without a pause.
        assert (await http.get("/entities")).status_code == 200
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(get, http)
            await anyio.wait_all_tasks_blocked()
            for headers in (first_use, *[KEY] * 10):
                refused = await http.post("/search", content=b"x" * 9999, headers=headers)
                is_documented("search_memories", refused)
                assert refused.status_code == 503
                assert refused.json()["error"]["code"] == "UNAVAILABLE"
                assert refused.headers["retry-after"] == "1"
            assert statuses == []
            release.set()
        assert statuses == [200] * 3
        assert (await http.get("/tags")).status_code == 200


async def test_a_body_that_does_not_arrive_is_given_up(service):
    """Its sender gets a 408, the connection is closed, and its place is free again."""
    app = create_app(Dispatcher(service), max_concurrent_requests=1, body_timeout_seconds=0.01)
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/search", "query_string": b""}
    headers = [(b"authorization", b"Bearer mos_test_everything")]
    await app({**scope, "headers": headers}, anyio.Event().wait, send)
    assert sent[0]["status"] == 408
    assert dict(sent[0]["headers"])[b"connection"] == b"close"
    assert json.loads(sent[1]["body"])["error"]["code"] == "REQUEST_TIMEOUT"
    assert service.calls == []
    async with client(app) as http:
        assert (await http.get("/tags")).status_code == 200


async def test_the_service_is_closed_with_the_server(dispatcher, service):
    """The lifespan's end closes it once, and leaves no thread of the pool."""
    app, before = create_app(dispatcher), set(threading.enumerate())
    received, sent = asyncio.Queue(), asyncio.Queue()
    received.put_nowait({"type": "lifespan.startup"})
    life = asyncio.create_task(app({"type": "lifespan"}, received.get, sent.put))
    assert await sent.get() == {"type": "lifespan.startup.complete"}
    async with client(app) as http:
        await http.get("/tags")
    assert service.closed == 0
    received.put_nowait({"type": "lifespan.shutdown"})
    assert await sent.get() == {"type": "lifespan.shutdown.complete"}
    await life
    assert service.closed == 1
    assert set(threading.enumerate()) <= before
