"""Clients that send or read slowly, or too much: others are served, and they get an answer."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from contextlib import ExitStack

import pytest

from memoryos_server.http import server as server_module
from memoryos_server.http.responses import json_response
from memoryos_server.service.results import Result

from .sockets import (
    AUTHORIZATION,
    OTHER_OWNER,
    PATIENCE_SECONDS,
    SEARCH,
    SLOW_BODIES,
    WRONG_KEY,
    error_of,
    parsed,
    received,
    request,
    running,
    tags,
)

HEAD_TIMEOUT_SECONDS = 1
SIZE = 20_000_000


@pytest.fixture
def impatient_server(service):
    """A server that waits a short time for headers."""
    with running(service, head_timeout_seconds=HEAD_TIMEOUT_SECONDS) as started:
        yield started


def send_until_closed(connection):
    """Wait until the server has closed a connection that this side doesn't read."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with contextlib.suppress(ConnectionError):
        while time.monotonic() < deadline:
            connection.sendall(b"x")
            time.sleep(0.05)
    assert time.monotonic() < deadline


def wait_until_served(server):
    """Call an operation until the server is no longer overloaded."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (status := tags(server)) == 503:
        assert time.monotonic() < deadline
    assert status == 200


@pytest.mark.parametrize("body", SLOW_BODIES.values(), ids=SLOW_BODIES)
@pytest.mark.parametrize("key", [b"", WRONG_KEY, AUTHORIZATION.replace(b"Bearer", b"Basic")])
def test_without_a_key_no_body_is_waited_for(socket_server, key, body):
    """More of them than requests may be under way: each is refused at once, and others go on."""
    start = b"POST /v1/memories HTTP/1.1\r\nHost: x\r\n" + key + body
    with ExitStack() as stack:
        connections = [stack.enter_context(socket_server.connect(start)) for _ in range(40)]
        assert tags(socket_server) == 200
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
def test_unknown_paths_and_methods_are_refused_before_the_body(socket_server, line, code):
    response = socket_server.exchange(line + b"\r\nHost: x\r\n" + SLOW_BODIES["length"])
    assert error_of(response) == code


def test_a_key_without_the_permission_is_refused_before_the_body(socket_server):
    reader = b"Authorization: Bearer mos_test_reader\r\n"
    start = b"POST /v1/memories HTTP/1.1\r\nHost: x\r\n" + reader
    assert error_of(socket_server.exchange(start + SLOW_BODIES["length"])) == (403, "FORBIDDEN")


def wait_for_responses(connections, count):
    """Return the connections to which the server has sent something, once there are `count`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(ready := select.select(connections, [], [], 0.05)[0]) < count:
        assert time.monotonic() < deadline
    return ready


def test_slow_bodies_of_one_owner_stop_no_other(socket_server):
    """They are bounded for each owner, and the next one of this owner gets a 503."""
    start = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + SLOW_BODIES["length"]
    assert tags(socket_server) == 200  # also with a key that the server remembers
    with ExitStack() as stack:
        connections = [stack.enter_context(socket_server.connect(start)) for _ in range(12)]
        assert tags(socket_server, OTHER_OWNER) == 200
        rejected = wait_for_responses(connections, 4)
        assert len(rejected) == 4
        for connection in rejected:
            assert error_of(received(connection)) == (503, "UNAVAILABLE")
        assert tags(socket_server, OTHER_OWNER) == 200
    wait_until_served(socket_server)


def test_slow_bodies_of_an_owner_stop_no_whole_one_of_another_key(service):
    """At an endpoint as at an operation, once the server knows the key."""

    class Endpoint:
        path, methods, needs_key = "/endpoint", ("POST",), True

        async def respond(self, request, caller, request_id):
            return json_response(200, {}, request_id)

    start = b"POST /endpoint HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    whole = start + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    with running(service, endpoints=[Endpoint()], max_concurrent_requests=2) as server:
        assert parsed(server.exchange(whole))[0] == 200
        with ExitStack() as stack:
            slow = start + SLOW_BODIES["length"]
            connections = [stack.enter_context(server.connect(slow)) for _ in range(4)]
            wait_for_responses(connections, 2)
            assert parsed(server.exchange(whole))[0] == 200


def test_a_large_body_without_a_key_is_answered_not_reset(socket_server):
    """It is read on after the answer, so that the client that still sends gets it."""
    head = b"POST /v1/memories HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n"
    with socket_server.connect(head) as connection:
        for _ in range(5):
            connection.sendall(b"x" * 500_000)
            time.sleep(0.05)
        connection.sendall(b"x" * 2_500_000)
        assert error_of(received(connection)) == (401, "UNAUTHORIZED")


def test_a_connection_stays_open_after_a_401_with_a_whole_body(socket_server):
    """As SDKs with a wrong key send it."""
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(SEARCH)
    response = socket_server.exchange(
        head + SEARCH + request(b"GET /v1/tags HTTP/1.1", AUTHORIZATION.strip())
    )
    assert response.count(b"HTTP/1.1 401") == 1
    assert response.count(b"HTTP/1.1 200") == 1


def test_a_body_too_large_is_refused_before_the_client_is_asked_for_it(socket_server):
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    rest = b"Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
    assert error_of(socket_server.exchange(head + rest)) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("length", [10_000_000, 99_999_999_999])
def test_a_body_that_is_too_large_to_be_discarded_is_refused_at_once(socket_server, length):
    """The client has sent none of it, and would otherwise occupy the server for 30 seconds."""
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION
    started = time.monotonic()
    response = socket_server.exchange(head + b"Content-Length: %d\r\n\r\n" % length)
    assert time.monotonic() - started < 10
    assert error_of(response) == (413, "PAYLOAD_TOO_LARGE")


def test_a_body_that_is_asked_for_is_read(socket_server):
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + AUTHORIZATION
    with socket_server.connect(
        head + b"Content-Length: 14\r\nExpect: 100-continue\r\n\r\n"
    ) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(SEARCH)
        assert received(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("start", [b"G", b"GET /v1/tags HTTP/1.1\r\nHost: x\r\nX: "])
def test_slow_headers_have_a_time_limit(impatient_server, start):
    """However steadily their bytes come; others are served meanwhile."""
    began = time.monotonic()
    with ExitStack() as stack:
        slow = stack.enter_context(impatient_server.connect(start))
        for _ in range(40):
            stack.enter_context(impatient_server.connect(start))
        assert parsed(impatient_server.exchange(request(b"GET /healthz HTTP/1.1")))[0] == 200
        while not select.select([slow], [], [], 0.1)[0]:
            assert time.monotonic() - began < PATIENCE_SECONDS
            slow.sendall(start[-1:])
        assert error_of(received(slow)) == (408, "REQUEST_TIMEOUT")
        assert time.monotonic() - began >= HEAD_TIMEOUT_SECONDS


def test_slow_headers_have_a_time_limit_on_a_used_connection(impatient_server):
    """The second request of a connection as much as the first."""
    head = b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"  # the response is one packet
    with impatient_server.connect(head) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        assert error_of(received(connection)) == (408, "REQUEST_TIMEOUT")


def test_idle_connections_are_closed(impatient_server):
    """Without a word, since nothing was asked."""
    with impatient_server.connect() as connection:
        assert received(connection) == b""


def test_at_the_limit_the_longest_idle_connection_makes_room(service, monkeypatch):
    """Not one with a request under way."""
    monkeypatch.setattr(server_module, "connection_limit", lambda: 5)
    busy = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + AUTHORIZATION
    busy += b"Content-Length: 14\r\nExpect: 100-continue\r\n\r\n"
    with running(service, head_timeout_seconds=60) as server, ExitStack() as stack:
        working = stack.enter_context(server.connect(busy))
        assert working.recv(100).startswith(b"HTTP/1.1 100 ")
        idle = [stack.enter_context(server.connect()) for _ in range(50)]
        assert tags(server) == 200
        send_until_closed(idle[0])
        working.sendall(SEARCH)
        assert received(working).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_reads_nothing_is_given_up(service, monkeypatch):
    """While its answers fill the buffers, others are served; in the end the connection goes."""
    monkeypatch.setattr("memoryos_server.http.lingering_transport.WRITE_TIMEOUT_SECONDS", 2)
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


@pytest.mark.parametrize("close", [b"", b"Connection: close\r\n"])
def test_a_client_that_reads_slowly_gets_its_whole_answer(service, monkeypatch, close):
    """The time limit is one for no progress at all, also when the server closes afterwards."""
    monkeypatch.setattr("memoryos_server.http.lingering_transport.WRITE_TIMEOUT_SECONDS", 2)
    tag = service.list_tags(None, {}, None).data[0]
    meta = {"total": 1, "limit": 50, "offset": 0, "has_more": False}
    service.list_tags = lambda *_: Result([{**tag, "name": "x" * SIZE}], meta)
    get = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + close + b"\r\n"
    with running(service) as server, server.connect(get) as connection:
        count = 0
        while count < SIZE:
            time.sleep(0.1)
            part = connection.recv(SIZE // 40, socket.MSG_WAITALL)
            assert part, f"only {count} bytes"
            count += len(part)
