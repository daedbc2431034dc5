"""Requests that HTTP allows and few clients send, and malformed ones."""

from __future__ import annotations

import json
import time

import pytest

from .sockets import AUTHORIZATION, SEARCH, SLOW_BODIES, error_of, parsed, received, request

ABSOLUTE = [
    b"http://x/v1/tags",
    b"http://elsewhere.example:8080/v1/tags?limit=3",
    b"HTTPS://[::1]:1/v1/tags",
]


@pytest.mark.parametrize("target", ABSOLUTE)
def test_a_whole_url_is_accepted_as_the_target(socket_server, service, target):
    """RFC 9112, section 3.2.2; the host of the URL counts, and any host is this server's."""
    response = socket_server.exchange(
        request(b"GET " + target + b" HTTP/1.1", AUTHORIZATION.strip())
    )
    assert parsed(response)[0] == 200
    assert service.calls[0][2]["limit"] == (3 if b"limit" in target else 50)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"GET http://x/v1 HTTP/1.1", (404, "NOT_FOUND")),
        (b"GET http:///v1/tags HTTP/1.1", (400, "VALIDATION_ERROR")),
        (b"GET http://ada:secret@x/v1/tags HTTP/1.1", (400, "VALIDATION_ERROR")),
        (b"GET ftp://x/v1/tags HTTP/1.1", (400, "VALIDATION_ERROR")),
        (b"GET x:80 HTTP/1.1", (400, "VALIDATION_ERROR")),
        (b"GET v1/tags HTTP/1.1", (400, "VALIDATION_ERROR")),
        (b"GET * HTTP/1.1", (400, "VALIDATION_ERROR")),
        (b"GET ?limit=1 HTTP/1.1", (400, "VALIDATION_ERROR")),
        (b"CONNECT x:443 HTTP/1.1", (405, "METHOD_NOT_ALLOWED")),
        (b"CONNECT /v1/tags HTTP/1.1", (405, "METHOD_NOT_ALLOWED")),
        (b"GET //v1/tags HTTP/1.1", (404, "NOT_FOUND")),
        (b"GET /v1//tags HTTP/1.1", (404, "NOT_FOUND")),
        (b"GET /v1/../v1/tags HTTP/1.1", (404, "NOT_FOUND")),
        (b"GET /v1/tags/ HTTP/1.1", (404, "NOT_FOUND")),
        (b"GET /v1%2Ftags HTTP/1.1", (404, "NOT_FOUND")),
        (b"GET /" + b"x" * 10_000 + b" HTTP/1.1", (414, "URI_TOO_LONG")),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1", (414, "URI_TOO_LONG")),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000, (431, "HEADERS_TOO_LARGE")),
        (b"BREW /v1/tags HTTP/1.1", (405, "METHOD_NOT_ALLOWED")),
        (b"get /v1/tags HTTP/1.1", (405, "METHOD_NOT_ALLOWED")),
        (b"GET /v1/tags HTTP/4.2", (505, "HTTP_VERSION_NOT_SUPPORTED")),
        (b"PRI * HTTP/2.0", (400, "VALIDATION_ERROR")),
        (b"GET /v1/tags", (400, "VALIDATION_ERROR")),
        (b"GET /v1/\xc3\xa9 HTTP/1.1", (400, "VALIDATION_ERROR")),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400, "VALIDATION_ERROR")),
        (b"POST /v1/search HTTP/1.1\r\nTransfer-Encoding: gzip", (501, "NOT_IMPLEMENTED")),
        (
            b"POST /v1/search HTTP/1.1\r\nContent-Length: 9\r\nTransfer-Encoding: chunked",
            (400, "VALIDATION_ERROR"),
        ),
        (b"GET /v1/tags HTTP/1.1\r\nHost: y", (400, "VALIDATION_ERROR")),
    ],
)
def test_what_is_no_request_for_an_operation_gets_an_error_in_the_envelope(
    socket_server, service, line, code
):
    """Malformed requests, too, which never reach the application."""
    response = socket_server.exchange(request(line, AUTHORIZATION.strip()))
    assert error_of(response) == code
    assert (b"allow" in parsed(response)[1]) == (code[0] == 405)
    assert service.calls == []


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"GET /", (414, "URI_TOO_LONG")),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", (431, "HEADERS_TOO_LARGE")),
    ],
)
def test_a_head_without_an_end_is_refused_at_the_limit(socket_server, start, code):
    with socket_server.connect(start) as connection:
        connection.sendall(b"x" * 70_000)
        assert error_of(received(connection)) == code


def test_a_malformed_body_gets_an_error_in_the_envelope(socket_server, service):
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    response = socket_server.exchange(head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
    assert error_of(response) == (400, "VALIDATION_ERROR")
    assert service.calls == []


HOSTS = {
    b"": 200,
    b"x:": 200,
    b"under_score.example:8765": 200,
    b"[::1]:8765": 200,
    b"a b": 400,
    b"x/y": 400,
    b"ada@x": 400,
    b"x:port": 400,
    b"[::1": 400,
}


@pytest.mark.parametrize(("host", "status"), HOSTS.items())
def test_a_host_is_checked_as_rfc_9112_demands(socket_server, host, status):
    lines = [b"GET /healthz HTTP/1.1", b"Host: " + host, b"Connection: close", b"", b""]
    assert parsed(socket_server.exchange(b"\r\n".join(lines)))[0] == status


@pytest.mark.parametrize("empty", [b"\r\n", b"\n", b"\r\n\r\n"])
def test_empty_lines_before_a_request_are_ignored(socket_server, empty):
    """Also before the next request of a connection, and in a packet of their own."""
    head = b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"  # the response is one packet
    with socket_server.connect(empty + head) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(empty)
        connection.sendall(empty + request(b"GET /healthz HTTP/1.1"))
        assert received(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("empty", [b"\r\n", b"\n", b"\r\n\r\n"])
def test_empty_lines_after_a_body_are_ignored(socket_server, empty):
    """In the packet of the request that they follow, with and without another request."""
    post = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    post += b"Content-Length: %d\r\n\r\n" % len(SEARCH) + SEARCH
    last = request(b"GET /healthz HTTP/1.1")
    response = socket_server.exchange(post + empty + post + empty + last)
    assert response.count(b"HTTP/1.1 200 ") == response.count(b"HTTP/1.1 ") == 3
    response = socket_server.exchange(post + empty, half_close=True)
    assert response.count(b"HTTP/1.1 200 ") == response.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("target", [b"*", b"http://x"])
def test_the_options_of_the_server_are_in_the_envelope(socket_server, target):
    status, headers, body = parsed(
        socket_server.exchange(request(b"OPTIONS " + target + b" HTTP/1.1"))
    )
    assert status == 200
    methods = json.loads(body)["data"]["methods"]
    assert headers[b"allow"].decode().upper() == ", ".join(methods)
    assert {"GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"} == set(methods)


HEADS = [
    (b"/healthz", b"", 200),
    (b"/v1/tags", AUTHORIZATION, 200),
    (b"/v1/tags", b"", 401),
    (b"/v1/search", AUTHORIZATION, 405),
    (b"/nowhere", b"", 404),
    (b"*", b"", 400),
]


@pytest.mark.parametrize(("path", "key", "status"), HEADS)
def test_head_gets_headers_alone(socket_server, path, key, status):
    line = b"HEAD " + path + b" HTTP/1.1"
    found, headers, body = parsed(socket_server.exchange(request(line, *key.splitlines())))
    assert (found, body) == (status, b"")
    assert int(headers[b"content-length"]) > 0


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.0, foo"])
def test_an_upgrade_is_ignored_without_a_word(socket_server, caplog, protocol):
    """The request is answered as if it asked for none, and so is the next one."""
    upgrade = b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n"
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    first = head + AUTHORIZATION + upgrade + b"Content-Length: 14\r\n\r\n" + SEARCH
    last = request(b"GET /v1/tags HTTP/1.1", AUTHORIZATION.strip())
    response = socket_server.exchange(first + last)
    assert response.count(b"HTTP/1.1 200 ") == 2
    assert caplog.records == []


def test_a_client_that_closes_its_half_gets_its_answers(socket_server):
    """Also to requests that it sent ahead, and when the answer takes time."""
    get = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + b"\r\n"
    post = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    post += b"Content-Length: %d\r\n\r\n" % len(SEARCH) + SEARCH
    for sent in (get, post, get + post, get + post + get):
        response = socket_server.exchange(sent, half_close=True)
        assert response.count(b"HTTP/1.1 200 ") == sent.count(b"HTTP/1.1")


def test_a_client_that_closes_its_half_during_a_slow_call_gets_its_answer(socket_server, service):
    answer = service.list_tags

    def slow(*arguments):
        time.sleep(0.5)
        return answer(*arguments)

    service.list_tags = slow
    get = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + b"\r\n"
    assert socket_server.exchange(get, half_close=True).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /v1/t",
        b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + SLOW_BODIES["length"],
    ],
)
def test_half_a_request_that_will_not_be_completed_is_given_up(socket_server, service, sent):
    assert socket_server.exchange(sent, half_close=True) == b""
    assert service.calls == []
