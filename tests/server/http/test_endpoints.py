"""Endpoints besides the API: routing, keys, bodies, limits and errors, the same for all."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from memoryos_server.http.app import create_app
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.endpoints import Endpoints
from memoryos_server.http.rate_limit import RateLimiter, parse_rate
from memoryos_server.http.responses import json_response
from memoryos_server.model.errors import ServiceError

pytestmark = pytest.mark.anyio
READER = {"Authorization": "Bearer mos_test_reader"}
WRONG = {"Authorization": "Bearer mos_test_wrong"}


class Echo:
    """Answers with what it was asked."""

    def __init__(self, path="/echo", methods=("GET", "POST"), *, needs_key=False, error=None):
        self.path, self.methods, self.needs_key, self.error = path, methods, needs_key, error
        self.asked = []

    async def respond(self, request, caller, request_id):
        self.asked.append((request, caller))
        if self.error is not None:
            raise self.error
        return json_response(200, {"body": request.body.decode()}, request_id)


def client(service, *endpoints, rate=None, **options):
    limiter = None if rate is None else RateLimiter(parse_rate(rate))
    dispatcher = Dispatcher(service, max_body_bytes=1000, rate_limiter=limiter)
    app = create_app(dispatcher, endpoints=endpoints, **options)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_an_endpoint_without_a_key_never_sees_a_body(service):
    """So nobody without a key can occupy the server with one."""
    echo = Echo()
    async with client(service, echo) as http:
        response = await http.post("/echo?a=b", content=b"unread")
    assert (response.status_code, response.json()) == (200, {"body": ""})
    request, caller = echo.asked[0]
    assert (request.method, request.path, request.query, caller) == ("POST", "/echo", b"a=b", None)


async def test_an_endpoint_with_a_key_gets_its_caller_and_the_body(service):
    """For a key with any permissions: the endpoint itself decides what it may do."""
    echo = Echo(needs_key=True)
    async with client(service, echo) as http:
        for _ in range(2):  # the second time the key is known
            response = await http.post("/echo", content=b"read", headers=READER)
            assert (response.status_code, response.json()) == (200, {"body": "read"})
    callers = [caller for _, caller in echo.asked]
    assert [caller.permissions for caller in callers] == [frozenset({"memories:read"})] * 2


@pytest.mark.parametrize("headers", [{}, WRONG, {"Authorization": "Basic x"}])
async def test_without_a_valid_key_such_an_endpoint_is_not_reached(service, headers):
    """The answer is the one of the API, with a challenge."""
    echo = Echo(needs_key=True)
    async with client(service, echo) as http:
        response = await http.post("/echo", content=b"x", headers=headers)
    assert (response.status_code, echo.asked) == (401, [])
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_body_over_the_limit_does_not_reach_an_endpoint(service):
    """Declared or not."""
    echo = Echo(needs_key=True)

    async def pieces():
        yield b"x" * 600
        yield b"x" * 600

    async with client(service, echo) as http:
        for content in (b"x" * 1001, b"x" * 500_000, pieces()):
            response = await http.post("/echo", content=content, headers=READER)
            assert (response.status_code, echo.asked) == (413, [])


@pytest.mark.parametrize("needs_key", [False, True])
async def test_head_options_and_other_methods_need_nothing_of_the_endpoint(service, needs_key):
    """HEAD is GET without its body; OPTIONS and 405 list the methods.

    Without the key that an endpoint needs, other methods get a 401 as well.
    """
    echo = Echo(needs_key=needs_key)
    async with client(service, echo) as http:
        got = await http.get("/echo", headers=READER)
        head = await http.head("/echo", headers=READER)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
        assert [request.method for request, _ in echo.asked] == ["GET", "GET"]
        options = await http.options("/echo")
        refused = await http.delete("/echo", headers=READER)
        assert (await http.delete("/echo")).status_code == (401 if needs_key else 405)
    assert (options.status_code, refused.status_code, len(echo.asked)) == (204, 405, 2)
    allowed = {options.headers["allow"], refused.headers["allow"]}
    assert allowed == {"GET, POST, HEAD, OPTIONS"}


async def test_head_of_an_endpoint_without_get_is_not_allowed(service):
    """And its 405 has no body."""
    async with client(service, Echo(methods=["POST"])) as http:
        response = await http.head("/echo")
    assert (response.status_code, response.content) == (405, b"")
    assert response.headers["allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("path", ["/echo/", "//echo", "/ECHO", "/%65cho", "/echo%2F", "/v1/echo"])
async def test_only_the_very_path_is_an_endpoint(service, path):
    """Others get the 404 envelope, and no redirect."""
    async with client(service, Echo()) as http:
        response = await http.get(path)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_an_error_of_an_endpoint_gets_the_envelope(service):
    """A known one as it is, any other as a 500 that says nothing about it."""
    known = ServiceError(409, "CONFLICT", "Not now")
    broken = ValueError("a secret")
    endpoints = (Echo("/known", error=known), Echo("/broken", error=broken))
    async with client(service, *endpoints) as http:
        response = await http.get("/known")
        assert (response.status_code, response.json()["error"]["message"]) == (409, "Not now")
        response = await http.get("/broken")
        assert response.json()["error"]["code"] == "INTERNAL_ERROR"
        assert (response.status_code, "secret" in response.text) == (500, False)
        head = await http.head("/broken")
        assert (head.status_code, head.content) == (500, b"")


async def test_requests_to_an_endpoint_with_a_key_count_for_the_rate_limit(service):
    """As those to the API do; those without a key don't."""
    endpoints = (Echo(needs_key=True), Echo("/open"))
    async with client(service, *endpoints, rate="1/h") as http:
        statuses = [(await http.get("/echo", headers=READER)).status_code for _ in range(2)]
        statuses.append((await http.get("/open", headers=READER)).status_code)
    assert statuses == [200, 429, 200]


async def test_an_overloaded_server_still_answers_endpoints_without_a_key(service):
    """The health of a server is to be seen when it has too much to do."""
    started, release = asyncio.Event(), asyncio.Event()

    class Slow(Echo):
        async def respond(self, request, caller, request_id):
            started.set()
            await release.wait()
            return await super().respond(request, caller, request_id)

    endpoints = (Slow("/slow", needs_key=True), Echo())
    async with client(service, *endpoints, max_concurrent_requests=1) as http:
        slow = asyncio.create_task(http.get("/slow", headers=READER))
        await started.wait()
        assert (await http.get("/slow", headers=READER)).status_code == 503
        assert (await http.get("/echo")).status_code == 200
        release.set()
        assert (await slow).status_code == 200
        assert (await http.get("/slow", headers=READER)).status_code == 200


def test_two_endpoints_of_one_path_are_a_mistake():
    """Which is found at the start."""
    with pytest.raises(ValueError, match="Two endpoints have the path /echo"):
        Endpoints([Echo(), Echo()], max_body_bytes=1)
