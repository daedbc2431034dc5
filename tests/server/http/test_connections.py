"""The HTTP server on a socket: slow and hostile clients, odd messages, half-closed connections."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import struct
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest

from memoryos_server.http import server as server_module
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.server import create_server
from memoryos_server.model.caller import Caller
from memoryos_server.service.results import Result

PATIENCE_SECONDS = 30
AUTHORIZATION = b"Authorization: Bearer mos_test_everything\r\n"
OTHER_OWNER = b"Authorization: Bearer mos_test_other\r\n"
WRONG_KEY = b"Authorization: Bearer mos_test_wrong\r\n"
SEARCH = b'{"query": "x"}'


class Server:
    """A server in a thread of this process."""

    def __init__(self, service, **options):
        authenticate = service.authenticate

        def with_another(key):
            other = Caller("other", frozenset({"*"}))
            return other if key == "mos_test_other" else authenticate(key)

        service.authenticate = with_another
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.address = self._listener.getsockname()
        self._server = create_server(Dispatcher(service), **options)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],))
        self._thread.start()

    def connect(self, data=b""):
        connection = socket.create_connection(self.address, PATIENCE_SECONDS)
        connection.sendall(data)
        return connection

    def exchange(self, data, *, half_close=False):
        """Send, and return what comes until the server closes."""
        with self.connect(data) as connection:
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            return received(connection)

    def stop(self):
        self._server.should_exit = True
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()


def received(connection):
    """Return what comes until the other side closes, which must not be a reset."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def send_until_closed(connection):
    """Wait until the server has closed a connection that this side doesn't read."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with contextlib.suppress(ConnectionError):
        while time.monotonic() < deadline:
            connection.sendall(b"x")
            time.sleep(0.05)
    assert time.monotonic() < deadline


@contextmanager
def running(service, **options):
    server = Server(service, **options)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(service):
    with running(service, head_timeout_seconds=1, max_concurrent_requests=8) as started:
        yield started


def request(line, *headers, body=b""):
    """Return a request that asks the server to close the connection after it."""
    lines = [line, b"Host: x", b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def parsed(response):
    """Return status, headers by lower-case name, and body."""
    head, _, body = response.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in lines)
    return int(status.split()[1]), headers, body


def error_of(response):
    """Return status and code of an error in the envelope."""
    status, headers, body = parsed(response)
    envelope = json.loads(body)
    assert headers[b"x-request-id"].decode() == envelope["meta"]["request_id"]
    assert set(envelope["error"]) == {"code", "message", "details"}
    return status, envelope["error"]["code"]


def tags(server, key=AUTHORIZATION):
    """Call an operation, and return the status."""
    return parsed(server.exchange(request(b"GET /v1/tags HTTP/1.1", key.strip())))[0]


def wait_until_served(server):
    """Call an operation until the server is no longer overloaded."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (status := tags(server)) == 503:
        assert time.monotonic() < deadline
    assert status == 200


SLOW_BODIES = {
    "length": b"Content-Length: 100\r\n\r\n{",
    "chunked": b"Transfer-Encoding: chunked\r\n\r\n64\r\n{",
    "no body yet": b"Content-Length: 100\r\n\r\n",
    "expect": b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
}


@pytest.mark.parametrize("body", SLOW_BODIES.values(), ids=SLOW_BODIES)
@pytest.mark.parametrize("key", [b"", WRONG_KEY, AUTHORIZATION.replace(b"Bearer", b"Basic")])
def test_without_a_key_no_body_is_waited_for(server, key, body):
    """More of them than requests may be under way: each is refused at once, and others go on."""
    start = b"POST /v1/memories HTTP/1.1\r\nHost: x\r\n" + key + body
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect(start)) for _ in range(40)]
        assert tags(server) == 200
        for connection in connections:
            response = received(connection)
            assert not response.startswith(b"HTTP/1.1 100")
            assert error_of(response) == (401, "UNAUTHORIZED")
            assert parsed(response)[1][b"connection"] == b"close"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"POST /nowhere HTTP/1.1", (404, "NOT_FOUND")),
        (b"PUT /v1/memories HTTP/1.1", (405, "METHOD_NOT_ALLOWED")),
        (b"POST /healthz HTTP/1.1", (405, "METHOD_NOT_ALLOWED")),
    ],
)
def test_unknown_paths_and_methods_are_refused_before_the_body(server, line, code):
    response = server.exchange(line + b"\r\nHost: x\r\n" + SLOW_BODIES["length"])
    assert error_of(response) == code


def test_a_key_without_the_permission_is_refused_before_the_body(server):
    reader = b"Authorization: Bearer mos_test_reader\r\n"
    start = b"POST /v1/memories HTTP/1.1\r\nHost: x\r\n" + reader
    assert error_of(server.exchange(start + SLOW_BODIES["length"])) == (403, "FORBIDDEN")


def test_slow_bodies_of_one_owner_stop_no_other(server):
    """They are bounded for each owner, and the next one of this owner gets a 503."""
    start = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + SLOW_BODIES["length"]
    assert tags(server) == 200  # also with a key that the server remembers
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect(start)) for _ in range(12)]
        assert tags(server, OTHER_OWNER) == 200
        codes = []
        for connection in connections:
            connection.settimeout(0.3)
            try:
                codes.append(error_of(received(connection)))
            except TimeoutError:
                codes.append(None)
        assert codes.count(None) == 8
        assert codes.count((503, "UNAVAILABLE")) == 4
        assert tags(server, OTHER_OWNER) == 200
    wait_until_served(server)


def test_a_large_body_without_a_key_is_answered_not_reset(server):
    """It is read on after the answer, so that the client that still sends gets it."""
    head = b"POST /v1/memories HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n"
    with server.connect(head) as connection:
        for _ in range(5):
            connection.sendall(b"x" * 500_000)
            time.sleep(0.05)
        connection.sendall(b"x" * 2_500_000)
        assert error_of(received(connection)) == (401, "UNAUTHORIZED")


def test_a_connection_stays_open_after_a_401_with_a_whole_body(server):
    """As SDKs with a wrong key send it."""
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(SEARCH)
    response = server.exchange(
        head + SEARCH + request(b"GET /v1/tags HTTP/1.1", AUTHORIZATION.strip())
    )
    assert response.count(b"HTTP/1.1 401") == 1
    assert response.count(b"HTTP/1.1 200") == 1


def test_a_body_too_large_is_refused_before_the_client_is_asked_for_it(server):
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    rest = b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
    assert error_of(server.exchange(head + rest)) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("length", [10_000_000, 99_999_999_999])
def test_a_body_that_is_too_large_to_be_discarded_is_refused_at_once(server, length):
    """The client has sent none of it, and would otherwise occupy the server for 30 seconds."""
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    started = time.monotonic()
    response = server.exchange(head + b"Content-Length: %d\r\n\r\n" % length)
    assert time.monotonic() - started < 10
    assert error_of(response) == (413, "PAYLOAD_TOO_LARGE")


def test_a_body_that_is_asked_for_is_read(server):
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + AUTHORIZATION
    with server.connect(head + b"Content-Length: 14\r\nExpect: 100-continue\r\n\r\n") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(SEARCH)
        assert received(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("start", [b"G", b"GET /v1/tags HTTP/1.1\r\nHost: x\r\nX: "])
def test_slow_headers_have_a_time_limit(server, start):
    """However steadily their bytes come; others are served meanwhile."""
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect(start)) for _ in range(40)]
        assert tags(server) == 200
        begun = time.monotonic()
        slow = connections[0]
        slow.settimeout(0.1)
        while True:
            assert time.monotonic() - begun < PATIENCE_SECONDS
            try:
                slow.sendall(start[-1:])
                if first := slow.recv(65536):
                    break
            except TimeoutError:
                continue
        slow.settimeout(PATIENCE_SECONDS)
        assert error_of(first + received(slow)) == (408, "REQUEST_TIMEOUT")
        assert time.monotonic() - begun >= 0.5


def test_slow_headers_have_a_time_limit_on_a_used_connection(server):
    """The second request of a connection as much as the first."""
    with server.connect(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        assert error_of(received(connection)) == (408, "REQUEST_TIMEOUT")


def test_idle_connections_are_closed(server):
    """Without a word, since nothing was asked."""
    with server.connect() as connection:
        assert received(connection) == b""


def test_at_the_limit_the_longest_idle_connection_makes_room(service, monkeypatch):
    """Not one with a request under way."""
    monkeypatch.setattr(server_module, "connection_limit", lambda: 5)
    busy = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + AUTHORIZATION
    with running(service, head_timeout_seconds=60) as server, ExitStack() as stack:
        working = stack.enter_context(server.connect(busy + b"Content-Length: 14\r\n\r\n{"))
        time.sleep(0.3)
        idle = [stack.enter_context(server.connect()) for _ in range(50)]
        assert tags(server) == 200
        send_until_closed(idle[0])
        working.sendall(SEARCH[1:])
        assert received(working).startswith(b"HTTP/1.1 200 ")


ABSOLUTE = [
    b"http://x/v1/tags",
    b"http://elsewhere.example:8080/v1/tags?limit=3",
    b"HTTPS://[::1]:1/v1/tags",
]


@pytest.mark.parametrize("target", ABSOLUTE)
def test_a_whole_url_is_accepted_as_the_target(server, service, target):
    """RFC 9112, section 3.2.2; the host of the URL counts, and any host is this server's."""
    response = server.exchange(request(b"GET " + target + b" HTTP/1.1", AUTHORIZATION.strip()))
    assert parsed(response)[0] == 200
    assert service.calls[0][2]["limit"] == (3 if b"limit" in target else 50)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"GET http://x HTTP/1.1", (404, "NOT_FOUND")),
        (b"GET http://x?a=b HTTP/1.1", (404, "NOT_FOUND")),
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
    server, service, line, code
):
    """Malformed requests, too, which never reach the application."""
    response = server.exchange(request(line, AUTHORIZATION.strip()))
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
def test_a_head_without_an_end_is_refused_at_the_limit(server, start, code):
    with server.connect(start) as connection:
        connection.sendall(b"x" * 70_000)
        assert error_of(received(connection)) == code


def test_a_malformed_body_gets_an_error_in_the_envelope(server, service):
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    response = server.exchange(head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
    assert error_of(response) == (400, "VALIDATION_ERROR")
    assert service.calls == []


@pytest.mark.parametrize("target", [b"*", b"http://x"])
def test_the_options_of_the_server_are_in_the_envelope(server, target):
    status, headers, body = parsed(server.exchange(request(b"OPTIONS " + target + b" HTTP/1.1")))
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
def test_head_gets_headers_alone(server, path, key, status):
    line = b"HEAD " + path + b" HTTP/1.1"
    found, headers, body = parsed(server.exchange(request(line, *key.splitlines())))
    assert (found, body) == (status, b"")
    assert int(headers[b"content-length"]) > 0


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.0, foo"])
def test_an_upgrade_is_ignored_without_a_word(server, caplog, protocol):
    """The request is answered as if it asked for none, and so is the next one."""
    upgrade = b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n"
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    first = head + AUTHORIZATION + upgrade + b"Content-Length: 14\r\n\r\n" + SEARCH
    last = request(b"GET /v1/tags HTTP/1.1", AUTHORIZATION.strip())
    response = server.exchange(first + last)
    assert response.count(b"HTTP/1.1 200 ") == 2
    assert caplog.records == []


def test_a_client_that_closes_its_half_gets_its_answers(server):
    """Also to requests that it sent ahead, and when the answer takes time."""
    get = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + b"\r\n"
    post = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    post += b"Content-Length: %d\r\n\r\n" % len(SEARCH) + SEARCH
    for sent in (get, post, get + post, get + post + get):
        response = server.exchange(sent, half_close=True)
        assert response.count(b"HTTP/1.1 200 ") == sent.count(b"HTTP/1.1")


def test_a_client_that_closes_its_half_during_a_slow_call_gets_its_answer(server, service):
    answer = service.list_tags

    def slow(*arguments):
        time.sleep(0.5)
        return answer(*arguments)

    service.list_tags = slow
    get = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + b"\r\n"
    assert server.exchange(get, half_close=True).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /v1/t",
        b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + SLOW_BODIES["length"],
    ],
)
def test_half_a_request_that_will_not_be_completed_is_given_up(server, service, sent):
    assert server.exchange(sent, half_close=True) == b""
    assert service.calls == []


def test_a_client_that_reads_nothing_is_given_up(service, monkeypatch):
    """While its answers fill the buffers, others are served; in the end the connection goes."""
    monkeypatch.setattr("memoryos_server.http.lingering_transport.WRITE_TIMEOUT_SECONDS", 0.5)
    tag = service.list_tags(None, {}, None).data[0]
    meta = {"total": 1, "limit": 50, "offset": 0, "has_more": False}
    service.list_tags = lambda *_: Result([{**tag, "name": "x" * 1_000_000}], meta)
    get = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + b"\r\n"
    with running(service, max_concurrent_requests=1) as server:
        with server.connect(get * 40) as connection:
            wait_until_served(server)
            send_until_closed(connection)
        wait_until_served(server)


def test_requests_sent_ahead_are_not_read_ahead(service):
    """The server takes them one by one, so that they wait with the client, not in its memory."""
    release = threading.Event()
    answer = service.list_tags

    def slow(*arguments):
        release.wait(PATIENCE_SECONDS)
        return answer(*arguments)

    service.list_tags = slow
    get = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + b"\r\n"
    with running(service) as server, server.connect(get) as connection:
        connection.settimeout(1)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 100_000_000:
                sent += connection.send(get * 1000)
        release.set()
    assert sent < 50_000_000


def lines_of(caplog):
    return [record.getMessage() for record in caplog.records]


def wait_for_lines(caplog, count):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(caplog.records) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return lines_of(caplog)


def test_each_request_is_logged_once_however_it_ends(service, caplog):
    """Answered, abandoned, reset or malformed; and with the status that was sent."""
    caplog.set_level(logging.INFO, logger="memoryos_server")
    start = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    with running(service, log_requests=True) as server:
        assert tags(server) == 200
        server.exchange(start + SLOW_BODIES["length"], half_close=True)
        wait_for_lines(caplog, 2)
        with server.connect(start + SLOW_BODIES["length"]) as connection:
            time.sleep(0.3)
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        wait_for_lines(caplog, 3)
        server.exchange(start + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
        wait_for_lines(caplog, 4)
        server.exchange(b"not HTTP\r\n\r\n")
        server.exchange(request(b"GET http://ada:secret@x/v1/tags HTTP/1.1"))
        lines = wait_for_lines(caplog, 6)
    assert [line.split(" ")[:3] + line.split(" ")[-1:] for line in lines] == [
        ["GET", "/v1/tags", "200", "owner=somebody"],
        ["POST", "/v1/search", "499", "owner=somebody"],
        ["POST", "/v1/search", "499", "owner=somebody"],
        ["POST", "/v1/search", "400", "owner=somebody"],
        ["-", "-", "400", "owner=-"],
        ["GET", "-", "400", "owner=-"],
    ]


def test_an_error_is_logged_once_with_its_frames_and_without_its_message(service, caplog):
    """Beside the line of the request, with the same id."""
    caplog.set_level(logging.INFO, logger="memoryos_server")
    service.error = RuntimeError("a secret")
    with running(service, log_requests=True) as server:
        assert tags(server) == 500
        failure, line = wait_for_lines(caplog, 2)
    assert "RuntimeError at" in failure
    assert "secret" not in failure
    request_id = line.split("request_id=")[1].split()[0]
    assert f"({request_id})" in failure
    assert " 500 " in line


def test_a_server_logs_no_requests_unless_asked(server, caplog):
    caplog.set_level(logging.DEBUG)
    assert tags(server) == 200
    server.exchange(b"not HTTP\r\n\r\n")
    assert [record for record in caplog.records if record.name.startswith("memoryos")] == []
