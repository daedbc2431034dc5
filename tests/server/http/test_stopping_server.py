"""A server that stops tells each client which of its answers is the last."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from memoryos_server.http import connection as connection_module
from memoryos_server.http import server as server_module

from .sockets import AUTHORIZATION, PATIENCE_SECONDS, parsed, received, running

pytestmark = pytest.mark.local_server

GET = b"GET /v1/tags HTTP/1.1\r\nHost: x\r\n" + AUTHORIZATION + b"\r\n"


def wait_until_it_refuses(server):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(server.address, PATIENCE_SECONDS).close()
        except OSError:
            return
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_request_on_a_kept_connection_is_answered(service, monkeypatch):
    """The client can't know yet that the server stops: its request would be lost."""
    monkeypatch.setattr(connection_module, "LAST_REQUEST_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(server_module, "KEEP_ALIVE_SECONDS", PATIENCE_SECONDS)
    with running(service, head_timeout_seconds=PATIENCE_SECONDS) as server, server.connect(
        GET
    ) as used, server.connect() as unused:
        status, headers, _ = parsed(used.recv(65536))
        assert (status, headers.get(b"connection")) == (200, None)
        server.ask_to_stop()
        wait_until_it_refuses(server)
        for connection in (used, unused):
            connection.sendall(GET)
            status, headers, _ = parsed(received(connection))
            assert (status, headers[b"connection"]) == (200, b"close")


def test_a_request_in_progress_is_answered(service):
    started, goes_on = threading.Event(), threading.Event()
    answer = service.list_tags

    def list_tags(*arguments):
        started.set()
        assert goes_on.wait(PATIENCE_SECONDS)
        return answer(*arguments)

    service.list_tags = list_tags
    with running(service) as server, server.connect(GET) as connection:
        assert started.wait(PATIENCE_SECONDS)
        server.ask_to_stop()
        wait_until_it_refuses(server)
        goes_on.set()
        status, headers, _ = parsed(received(connection))
        assert (status, headers[b"connection"]) == (200, b"close")


def test_a_malformed_request_has_the_header_once(service, monkeypatch):
    monkeypatch.setattr(connection_module, "LAST_REQUEST_SECONDS", PATIENCE_SECONDS)
    with running(
        service, head_timeout_seconds=PATIENCE_SECONDS
    ) as server, server.connect() as connection:
        wait_until_accepted(server)
        server.ask_to_stop()
        wait_until_it_refuses(server)
        connection.sendall(b"no request\r\n\r\n")
        answer = received(connection)
        assert parsed(answer)[0] == 400
        assert answer.lower().count(b"connection: close") == 1


def wait_until_accepted(server):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.open_connections():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_idle_connection_is_closed(service):
    with running(service) as server, server.connect(GET) as connection:
        head = connection.recv(20)
        server.ask_to_stop()
        assert parsed(head + received(connection))[0] == 200
