"""A server on a socket for the tests, and requests and responses as bytes."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from contextlib import contextmanager

from memoryos_server.contract.features import FEATURES
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.http.pages import default_endpoints
from memoryos_server.http.server import create_server
from memoryos_server.model.caller import Caller
from memoryos_server.service.warm_up import WarmUp

PATIENCE_SECONDS = 30
AUTHORIZATION = b"Authorization: Bearer mos_test_everything\r\n"
OTHER_OWNER = b"Authorization: Bearer mos_test_other\r\n"
WRONG_KEY = b"Authorization: Bearer mos_test_wrong\r\n"
SEARCH = b'{"query": "x"}'
SLOW_BODIES = {
    "length": b"Content-Length: 100\r\n\r\n{",
    "chunked": b"Transfer-Encoding: chunked\r\n\r\n64\r\n{",
    "no body yet": b"Content-Length: 100\r\n\r\n",
    "expect": b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
}


class Server:
    """A server in a thread of this process; with TLS if it gets a context for its clients."""

    def __init__(self, service, *, endpoints=(), client_context=None, **options):
        self._client_context = client_context
        authenticate = service.authenticate

        def with_another(key):
            other = Caller("other", frozenset({"*"}))
            return other if key == "mos_test_other" else authenticate(key)

        service.authenticate = with_another
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.address = self._listener.getsockname()
        self._server = create_server(
            Dispatcher(service),
            endpoints=[*default_endpoints(service, WarmUp(None)), *endpoints],
            **options,
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],))
        self._thread.start()

    def connect(self, data=b""):
        connection = socket.create_connection(self.address, PATIENCE_SECONDS)
        if self._client_context is not None:
            connection = self._client_context.wrap_socket(connection, server_hostname="localhost")
        connection.sendall(data)
        return connection

    def exchange(self, data, *, half_close=False):
        """Send, and return what comes until the server closes."""
        with self.connect() as connection:
            with sent_at_once(connection):
                connection.sendall(data)
                if half_close:
                    close_sending_half(connection)
            return received(connection)

    def open_connections(self):
        return list(self._server.server_state.connections)

    def ask_to_stop(self):
        self._server.should_exit = True

    def stop(self):
        self.ask_to_stop()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()


@contextmanager
def running(service, **options):
    server = Server(service, **options)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def sent_at_once(connection):
    """Send what the block sends at its end, where the system can hold it back.

    `_sslobj.shutdown` of TLS also reads, and would lose a response that has come already.
    """
    option = getattr(socket, "TCP_CORK", None)
    if option is None:
        yield
        return
    connection.setsockopt(socket.IPPROTO_TCP, option, 1)
    yield
    connection.setsockopt(socket.IPPROTO_TCP, option, 0)


def close_sending_half(connection):
    """Say that nothing more comes, and go on reading."""
    if not isinstance(connection, ssl.SSLSocket):
        connection.shutdown(socket.SHUT_WR)
        return
    connection.settimeout(0)
    with contextlib.suppress(ssl.SSLError):  # an answer has come, or none
        connection._sslobj.shutdown()  # `unwrap` would end the reading as well
    connection.settimeout(PATIENCE_SECONDS)


def received(connection):
    """Return what comes until the other side closes, which must not be a reset."""
    parts = []
    with contextlib.suppress(ssl.SSLZeroReturnError):  # both sides have closed their halves
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


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
    assert headers[b"x-memory-os-features"] == ", ".join(FEATURES).encode()
    assert set(envelope["error"]) == {"code", "message", "details"}
    return status, envelope["error"]["code"]


def tags(server, key=AUTHORIZATION):
    """Call an operation, and return the status."""
    return parsed(server.exchange(request(b"GET /v1/tags HTTP/1.1", key.strip())))[0]
