"""CORS: what browsers are told about pages of other origins: by default nothing."""

from __future__ import annotations

import httpx
import pytest

from memoryos_server.http.app import create_app
from memoryos_server.http.cors import CrossOrigin, parse_origin
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.pages import default_endpoints
from memoryos_server.service.warm_up import WarmUp

KEY = {"Authorization": "Bearer mos_test_everything"}
PAGE = "https://app.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-own",
}


def client(service, *, origins=(PAGE, "http://localhost:3000"), **options):
    app = create_app(
        Dispatcher(service, max_body_bytes=1000),
        endpoints=default_endpoints(service, WarmUp(None)),
        cross_origin=CrossOrigin(origins) if origins else None,
        **options,
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def cors(response):
    return {
        name: value
        for name, value in response.headers.items()
        if name.startswith("access-control") or name == "vary"
    }


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/v1/search", "/v1/memories/m1", "/readyz", "/nowhere"])
async def test_a_preflight_needs_no_key(service, path):
    """What it asks for is allowed, so that the page can read the error of the request itself."""
    async with client(service) as http:
        response = await http.options(path, headers={"Origin": PAGE, **PREFLIGHT})
    assert (response.status_code, response.content) == (204, b"")
    assert "content-length" not in response.headers
    assert cors(response) == {
        "vary": "Origin",
        "access-control-allow-origin": PAGE,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization,content-type,x-own",
        "access-control-max-age": "600",
    }
    assert service.calls == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/v1/search", {"headers": KEY, "json": {"query": "x"}}, 200),
        ("POST", "/v1/search", {}, 401),
        ("POST", "/v1/search", {"headers": {"Authorization": "Bearer mos_test_wrong"}}, 401),
        ("POST", "/v1/search", {"headers": {"Authorization": "Bearer mos_test_reader"}}, 403),
        ("POST", "/v1/search", {"headers": KEY, "content": b"x" * 2000}, 413),
        ("GET", "/v1/nowhere", {}, 404),
        ("PUT", "/v1/search", {}, 405),
        ("HEAD", "/healthz", {}, 200),
        ("OPTIONS", "/healthz", {}, 204),
    ],
)
async def test_a_page_may_read_every_answer_and_the_headers_it_needs(
    service, method, path, options, status
):
    """Errors too: otherwise the page only sees that something failed."""
    headers = {"Origin": PAGE, **options.pop("headers", {})}
    async with client(service) as http:
        response = await http.request(method, path, headers=headers, **options)
    assert (response.status_code, response.headers["vary"]) == (status, "Origin")
    assert response.headers["access-control-allow-origin"] == PAGE
    exposed = response.headers["access-control-expose-headers"].lower().split(", ")
    assert {"x-request-id", "retry-after", "x-memory-os-features", "mcp-session-id"} <= {*exposed}
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.anyio
@pytest.mark.parametrize(
    "origin",
    [
        "https://other.example", "http://app.example", "https://app.example:8443", "null", "*", "",
        "https://app.example.evil.example", "https://app.example, https://other.example",
        "https://APP.example", "https://app.example/", "https://evil.example\tx",
    ],
)  # fmt: skip
async def test_other_origins_are_told_nothing(service, origin):
    """Browsers send origins in lower case, without a path and without the default port."""
    async with client(service) as http:
        for method, asked in (("GET", {}), ("OPTIONS", PREFLIGHT)):
            response = await http.request(method, "/healthz", headers={"Origin": origin, **asked})
            assert cors(response) == {"vary": "Origin"}


@pytest.mark.anyio
async def test_two_origins_are_none_of_the_named_ones(service):
    """Only one page sends a request; the second header is somebody's trick."""
    async with client(service) as http:
        headers = [("Origin", PAGE), ("Origin", "https://other.example")]
        assert cors(await http.get("/healthz", headers=headers)) == {"vary": "Origin"}
        assert cors(await http.get("/healthz", headers=[*reversed(headers)])) == {"vary": "Origin"}


@pytest.mark.anyio
async def test_caches_learn_that_answers_differ_by_origin(service):
    """Also from an answer to a request without one."""
    async with client(service) as http:
        assert cors(await http.get("/healthz")) == {"vary": "Origin"}


@pytest.mark.anyio
async def test_a_server_without_named_origins_says_nothing(service):
    async with client(service, origins=()) as http:
        for method in ("GET", "OPTIONS"):
            headers = {"Origin": PAGE, **PREFLIGHT}
            assert cors(await http.request(method, "/healthz", headers=headers)) == {}


@pytest.mark.anyio
@pytest.mark.parametrize("names", ["a b", "x-own,", "a\tb", "bad(name)", "", "ä"])
async def test_what_are_no_names_of_headers_is_not_repeated(service, names):
    async with client(service) as http:
        headers = {"Origin": PAGE, **PREFLIGHT, "Access-Control-Request-Headers": names}
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        response = await http.options("/v1/search", headers=encoded)
    assert "access-control-allow-headers" not in response.headers
    assert response.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://app.example", "https://app.example"),
        ("HTTPS://App.Example:443", "https://app.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:080", "http://127.0.0.1"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(text, origin):
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "app.example", "https://", "https://app.example/", "https://app.example/path", "//x",
        "https://user@app.example", "https://*.example", "https://müller.example", "https://a b",
        "https://app.example:65536", "https://app.example\n", "https:app.example",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(ValueError, match=r"such as https://app.example"):
        parse_origin(text)


@pytest.mark.parametrize("text", ["*", "null"])
def test_an_origin_that_any_page_may_have_is_refused(text):
    with pytest.raises(ValueError, match="one by one"):
        parse_origin(text)
