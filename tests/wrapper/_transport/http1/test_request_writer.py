"""Requests as they are sent."""

from __future__ import annotations

import h11
import pytest

from memoryos._protocol.requests import Request
from memoryos._transport.http1.errors import InvalidRequestError
from memoryos._transport.http1.request_writer import RequestWriter

SHARED = (("accept", "application/json"), ("authorization", "Bearer mos_TELLTALE"))


def request(method="GET", target="/x", own=(), content=None, shared=SHARED):
    return Request(method, "http://host:80/v1", target, shared, own, content)


def received(data):
    """Return the request line, headers and body as a server reads them."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(data)
    head = server.next_event()
    body = b""
    while isinstance(event := server.next_event(), h11.Data):
        body += event.data
    return head.method, head.target, list(head.headers), body


@pytest.mark.parametrize(
    ("base_url", "host", "port", "host_header"),
    [
        ("http://host/v1", "host", 80, b"host"),
        ("https://host/v1", "host", 443, b"host"),
        ("http://host:8080", "host", 8080, b"host:8080"),
        ("http://[::1]:8080/v1", "::1", 8080, b"[::1]:8080"),
    ],
)
def test_the_address(base_url, host, port, host_header):
    """To connect to, and to name in the request."""
    writer = RequestWriter(base_url)
    assert (writer.host, writer.port) == (host, port)
    assert (b"host", host_header) in received(writer.write(request()))[2]


def test_a_server_reads_what_was_meant():
    """Line, shared and own headers, length and body."""
    writer = RequestWriter("http://host/v1")
    sent = writer.write(request("POST", "/memories?a=b", (("x-own", "1"),), b'{"a": 1}'))
    method, target, headers, body = received(sent)
    assert (method, target, body) == (b"POST", b"/v1/memories?a=b", b'{"a": 1}')
    assert headers == [
        (b"host", b"host"),
        (b"accept-encoding", b"gzip, deflate"),
        (b"accept", b"application/json"),
        (b"authorization", b"Bearer mos_TELLTALE"),
        (b"x-own", b"1"),
        (b"content-length", b"8"),
    ]


@pytest.mark.parametrize(
    ("method", "content", "length"),
    [
        ("GET", None, None),
        ("DELETE", None, None),
        ("POST", None, b"0"),
        ("PATCH", b"", b"0"),
        ("DELETE", b"{}", b"2"),
    ],
)
def test_the_length(method, content, length):
    """Some servers reject a POST without one, even where there is no body."""
    sent = RequestWriter("http://host").write(request(method, content=content))
    assert dict(received(sent)[2]).get(b"content-length") == length


def test_each_session_has_its_own_headers():
    """What was checked for one is not sent for another."""
    writer = RequestWriter("http://host")
    other = (("authorization", "Bearer mos_other"),)
    for shared in (SHARED, other, SHARED):
        sent = writer.write(request(shared=shared))
        assert dict(received(sent)[2])[b"authorization"] == shared[-1][1].encode()


INVALID_VALUES = [
    "a\r\nx-other: b",
    "a\nb",
    "a\rb",
    "a\0b",
    "é",
    "a\x7f",
    "\x1b[0m",
    "a\u2028b",
    "\r\n",
]


@pytest.mark.parametrize("value", INVALID_VALUES, ids=ascii)
@pytest.mark.parametrize("place", ["own", "shared"])
def test_an_invalid_header_is_rejected_by_its_name_alone(value, place):
    """The value may be a secret."""
    headers = (("x-first", "fine"), ("x-second", value))
    with pytest.raises(InvalidRequestError, match="'x-second'") as raised:
        RequestWriter("http://host").write(request(**{place: headers}))
    assert value not in str(raised.value)


@pytest.mark.parametrize("name", ["", "x y", "x:", "x\r\ny", "é", "x\0"])
def test_an_invalid_header_name_is_rejected(name):
    """Before anything is sent."""
    with pytest.raises(InvalidRequestError):
        RequestWriter("http://host").write(request(own=((name, "v"),)))


@pytest.mark.parametrize("target", ["/a b", "/a\r\nHost: x", "/é", "/a\0", "/a\tb", "/a\x7f"])
def test_an_invalid_target_is_rejected(target):
    """It would end the request line."""
    with pytest.raises(InvalidRequestError):
        RequestWriter("http://host").write(request(target=target))


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "GÉT"])
def test_an_invalid_method_is_rejected(method):
    """It comes from the low-level client only."""
    with pytest.raises(InvalidRequestError):
        RequestWriter("http://host").write(request(method))
