"""The endpoint `/mcp`, on tools that are none."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError

import pytest

from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.requests import Request
from memoryos_server.mcp_http import McpEndpoint, endpoint, has_tools, tools
from memoryos_server.model.caller import Caller
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.operations import open_service

pytestmark = pytest.mark.anyio

THREADS = ThreadPoolExecutor(1)
CALLER = Caller("ada", frozenset({"memories:read", "memories:write"}), "key_1", ("user:ada",))


class Tools:
    """Keeps what it is given, and lists the caller's memories."""

    status = 200

    async def respond(self, local, permits, headers, body):
        self.given = headers, body
        self.permitted = {name for name in ("memories:read", "search:read") if permits(name)}
        status, _, content = await local.respond("GET", "/memories?limit=1", [], b"")
        assert status == 200
        return self.status, [(b"content-type", b"x/y"), (b"server", b"z")], content


class SlowTools:
    async def respond(self, *_):
        await asyncio.Future()


@pytest.fixture
def dispatcher():
    dispatcher = Dispatcher(open_service(":memory:", embedder=None))
    yield dispatcher
    dispatcher.close()


def request(*headers, body=b"{}"):
    return Request.build("POST", "/mcp", b"", headers, body)


async def test_the_tools_get_what_the_protocol_has_and_not_the_key(dispatcher):
    given = Tools()
    asked = request(
        (b"Authorization", b"Bearer mos_test_secret"),
        (b"Cookie", b"a"),
        (b"Accept", b"application/json"),
        (b"Mcp-Method", b"ping"),
        (b"Mcp-Method", b"ping"),
    )
    response = await McpEndpoint(dispatcher, THREADS, load=lambda: given).respond(
        asked, CALLER, "req_1"
    )
    assert given.permitted == {"memories:read"}
    methods = [(b"mcp-method", b"ping")] * 2
    assert given.given == ([(b"accept", b"application/json"), *methods], b"{}")
    headers = dict(response.headers)
    assert headers["Content-Type"] == "x/y"
    assert headers["Content-Length"] == str(len(response.body))
    assert headers["X-Request-Id"] == "req_1"
    assert "server" not in headers


async def test_what_takes_too_long_ends(dispatcher, monkeypatch):
    monkeypatch.setattr(endpoint, "_LONGEST_SECONDS", 0.01)
    with pytest.raises(ServiceError) as raised:
        await McpEndpoint(dispatcher, THREADS, load=SlowTools).respond(request(), CALLER, "req_1")
    assert raised.value.status == 503


async def test_without_its_package_it_names_the_extra(dispatcher, monkeypatch):
    """At each request, because it may be installed meanwhile."""
    monkeypatch.setattr("memoryos_server.requirements.find_spec", lambda _name: None)
    monkeypatch.setattr(tools, "find_spec", lambda _name: None)
    assert not has_tools()
    for _ in range(2):
        with pytest.raises(ServiceError) as raised:
            await McpEndpoint(dispatcher, THREADS).respond(request(), CALLER, "req_1")
        assert raised.value.status == 501
        assert "pip install '.[mcp]'" in raised.value.message


async def test_the_files_of_the_sdk_alone_are_not_enough(dispatcher, monkeypatch):
    """The tools are found by the metadata of the installed package."""

    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.distribution", missing)
    monkeypatch.setattr(tools, "require_packages", lambda *_: None)
    with pytest.raises(ServiceError, match="needs the installed package memoryos") as raised:
        await McpEndpoint(dispatcher, THREADS).respond(request(), CALLER, "req_1")
    assert raised.value.status == 501


async def test_a_package_that_can_t_be_imported_is_no_missing_one(dispatcher, monkeypatch):
    """As an old release beside a newer one of another package."""

    class EntryPoints(list):
        def select(self, **_):
            return self

    class EntryPoint:
        def load(self):
            raise ImportError("cannot import name 'x' from 'y'")

    class Distribution:
        entry_points = EntryPoints([EntryPoint()])

    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Distribution)
    monkeypatch.setattr(tools, "require_packages", lambda *_: None)
    with pytest.raises(ServiceError, match="another release of a package: cannot import") as raised:
        await McpEndpoint(dispatcher, THREADS).respond(request(), CALLER, "req_1")
    assert raised.value.status == 501


async def test_it_answers_nobody_without_a_key(dispatcher):
    """The server doesn't ask it to; if it did, that would be an error."""
    with pytest.raises(TypeError):
        await McpEndpoint(dispatcher, THREADS, load=Tools).respond(request(), None, "req_1")
