"""The request that is sent: address, headers, bytes."""

from __future__ import annotations

import pytest

from memoryos import __version__
from memoryos._protocol import observers
from memoryos._protocol.calls import Call
from memoryos._protocol.observers import Observer
from memoryos._protocol.requests import with_headers
from memoryos._protocol.responses import ResponseKind
from memoryos._protocol.settings import resolve_settings

from ..preparing import prepare

KEY = "mos_test_TELLTALE"


def settings(base_url="https://memory.test/v1", headers=None):
    """Make settings that differ in address and headers only."""
    return resolve_settings(
        {},
        api_key=KEY,
        base_url=base_url,
        timeout=30,
        max_retries=3,
        headers=headers,
        deadline=None,
    )


def headers_of(asked, **changed):
    """Return the headers of an operation's request; each name stands once."""
    headers = prepare(asked, settings(**changed)).headers
    assert len({name.lower() for name, _ in headers}) == len(headers)
    return dict(headers)


def operation(method, path, *, query=None, headers=None, content=None):
    """Make an operation of which only the request matters."""
    return Call("name", method, path, query or {}, headers or {}, content, ResponseKind.ITEM, "")


GET = operation("GET", "/memories/x")
CREATE = operation("POST", "/memories", content=b"{}")


def test_a_request_says_who_asks_and_what_it_takes():
    """The key as bearer, the SDK's name and version, JSON."""
    assert headers_of(GET) == {
        "accept": "application/json",
        "user-agent": f"memoryos-python/{__version__}",
        "authorization": "Bearer " + KEY,
    }


def test_a_body_says_what_it_is():
    """Only where there is one."""
    assert headers_of(CREATE)["content-type"] == "application/json"
    assert "content-type" not in headers_of(GET)


def test_the_headers_of_the_operation_are_sent():
    """The idempotency key among them."""
    keyed = operation("POST", "/memories", headers={"idempotency-key": "k"})
    assert headers_of(keyed)["idempotency-key"] == "k"


def test_the_callers_headers_are_added():
    """With their names in small letters, as HTTP/2 wants them."""
    assert headers_of(GET, headers={"X-Custom-Header": "value"})["x-custom-header"] == "value"


@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "ACCEPT"])
def test_the_callers_header_takes_the_place_of_a_default(name):
    """An application may name itself."""
    assert headers_of(GET, headers={name: "mine"})[name.lower()] == "mine"


@pytest.mark.parametrize(
    ("base_url", "path", "query", "url"),
    [
        ("https://host/v1", "/tags", {}, "https://host/v1/tags"),
        ("https://host/v1/", "/tags", {}, "https://host/v1/tags"),
        ("https://host", "/tags", {}, "https://host/tags"),
        ("https://host/v1", "/tags", {"limit": 5, "x": 0}, "https://host/v1/tags?limit=5&x=0"),
        (
            "https://host/v1",
            "/tags",
            {"search": "a&b=c d"},
            "https://host/v1/tags?search=a%26b%3Dc+d",
        ),
        (
            "https://host",
            "/tags",
            {"a": ["x", "y z"], "b": True, "c": ("z", False)},
            "https://host/tags?a=x&a=y+z&b=true&c=z&c=false",
        ),
        ("https://host", "/tags", {"a": []}, "https://host/tags"),
        ("https://host", "/tags", {"a": [], "b": 1, "c": ()}, "https://host/tags?b=1"),
        ("https://host", "/tags", {"a": "", "b": [""]}, "https://host/tags?a=&b="),
        ("https://host/v1", "/tags", {"search": "é#"}, "https://host/v1/tags?search=%C3%A9%23"),
    ],
)
def test_the_address_is_base_path_and_query(base_url, path, query, url):
    """What stands in a query value never becomes part of the address."""
    request = operation("GET", path, query=query)
    assert prepare(request, settings(base_url=base_url)).url == url


def test_a_request_shows_neither_key_nor_content():
    """Its repr may stand in a traceback."""
    secret = operation("POST", "/memories", content=b"TELLTALE")
    request = prepare(secret, settings(headers={"X-Token": "TELLTALE"}))
    assert repr(request) == "Request(POST https://memory.test/v1/memories)"


def test_the_content_is_sent_as_it_is():
    """Byte by byte; no content is not the same as an empty one."""
    assert prepare(CREATE, settings()).content == b"{}"
    assert prepare(GET, settings()).content is None


class Tracing(Observer):
    """Sends headers along."""

    def __init__(self, **headers):
        self._headers = headers

    def headers(self):
        return self._headers


def test_the_headers_of_observers_are_added():
    """After the request's own, of each observer; without any it is the same request."""
    request = prepare(CREATE, settings())
    assert with_headers(request, []) is request
    assert with_headers(request, [Observer()]) is request
    observed = with_headers(request, [Tracing(a="1", b="2"), Observer(), Tracing(c="3")])
    assert observed.headers == (*request.headers, ("a", "1"), ("b", "2"), ("c", "3"))
    assert (observed.url, observed.content) == (request.url, request.content)


SDK_HEADERS = [
    "Authorization",
    "host",
    "Content-Length",
    "content-type",
    "Content-Encoding",
    "Idempotency-Key",
    "Transfer-Encoding",
    "Accept",
    "accept-encoding",
    "Connection",
    "Keep-Alive",
    "Upgrade",
    "Expect",
    "TE",
    "Trailer",
    "Proxy-Authorization",
    "User-Agent",
    "x-app",
]


@pytest.mark.parametrize("name", SDK_HEADERS)
@pytest.mark.parametrize("call", [CREATE, GET])
def test_an_observer_changes_no_header_of_the_request(call, name):
    """Neither those that the SDK and the caller set, nor those that say how a message is sent."""
    request = prepare(call, settings(headers={"X-App": "mine"}))
    observed = with_headers(request, [Tracing(**{name: "evil", "traceparent": "00"})])
    assert observed.headers == (*request.headers, ("traceparent", "00"))


INVALID_HEADERS = {
    "a value that is not ASCII": {"baggage": "name=Zoë"},
    "a value with a line feed": {"baggage": "a\r\nAuthorization: evil"},
    "a value with a NUL": {"baggage": "a\0"},
    "a value with DEL": {"baggage": "a\x7f"},
    "a value that is no string": {"baggage": 7},
    "a value of bytes": {"baggage": b"a"},
    "a value that is None": {"baggage": None},
    "a long value": {"baggage": "a" * 20_000},
    "an empty name": {"": "a"},
    "a name with a blank": {"my baggage": "a"},
    "a name with a colon": {"baggage:": "a"},
    "a name with a line feed": {"baggage\n": "a"},
    "a name that is not ASCII": {"bäggage": "a"},
    "a name that is no string": {7: "a"},
    "a name of bytes": {b"baggage": "a"},
}


@pytest.mark.parametrize("headers", INVALID_HEADERS.values(), ids=INVALID_HEADERS.keys())
def test_an_invalid_header_of_an_observer_is_left_out(headers, caplog):
    """And those beside it are sent; the log says so, without the value."""
    observers._reported.clear()
    request = prepare(GET, settings())
    tracing = Tracing()
    tracing._headers = {"traceparent": "00", **headers, "tracestate": "a=b"}
    observed = with_headers(request, [tracing])
    added = (("traceparent", "00"), ("tracestate", "a=b"))
    assert observed.headers == request.headers + added
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "Tracing failed (headers)" in record.getMessage()
    assert "evil" not in record.getMessage()


@pytest.mark.parametrize("headers", [None, [], 7, "text", [("a",)], [1], {"a": "1"}.items])
def test_headers_of_the_wrong_type_are_left_out(headers):
    """Of one observer; those of others are sent."""
    request = prepare(GET, settings())
    tracing = Tracing()
    tracing._headers = headers
    observed = with_headers(request, [tracing, Tracing(a="1")])
    assert observed.headers == (*request.headers, ("a", "1"))


def test_of_two_observers_the_first_one_sets_a_header():
    """A header is sent once, whatever the case of its name."""
    request = prepare(GET, settings())
    observed = with_headers(request, [Tracing(traceparent="1"), Tracing(TraceParent="2", b="3")])
    assert observed.headers == (*request.headers, ("traceparent", "1"), ("b", "3"))


def test_observers_add_no_more_headers_than_servers_accept():
    """What fits is sent."""
    request = prepare(GET, settings())
    many = {f"x-{n:05}": "a" * 93 for n in range(1000)}
    observed = with_headers(request, [Tracing(**many)])
    assert len(observed.headers) - len(request.headers) == 16 * 1024 // 100
