"""A server that sends any bytes at any pace, and a proxy that does, too."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time

MEMORY_LIST = json.dumps(
    {"data": [], "meta": {"total": 0, "limit": 50, "offset": 0, "has_more": False}}
).encode()


def response(body=MEMORY_LIST, status="200 OK", *headers):
    """Return a response with a Content-Length."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def chunked(*chunks, trailer=b""):
    """Return a chunked response."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = [b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks]
    return head + b"".join(parts) + b"0\r\n" + trailer + b"\r\n"


class HostileServer:
    """Calls `behave(connection, number)` for each request, from 0 on over all connections.

    `behave` returns whether the connection stays open.
    """

    def __init__(self, behave, ssl_context=None):
        self.behave = behave
        self.requests = []
        self.connections = 0
        self.stopped = threading.Event()
        self._ssl_context = ssl_context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._open = []

    @property
    def base_url(self):
        """The address of the service."""
        scheme, host = ("https", "localhost") if self._ssl_context else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.port}/v1"

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for connection in self._open:
            connection.close()

    def _accept(self):
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with contextlib.suppress(OSError):
            if self._ssl_context is not None:
                connection = self._ssl_context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            while self._serve_request(connection):
                pass
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def _serve_request(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return False
            data += more
        number = len(self.requests)
        self.requests.append(data)
        return self.behave(self, connection, number)

    def repeat(self, connection, data, pause=0.0):
        """Send something until the client hangs up."""
        while not self.stopped.is_set():
            connection.sendall(data)
            if pause:
                time.sleep(pause)

    def drip(self, connection, data, pause=0.02):
        """Send one byte at a time."""
        for position in range(len(data)):
            if self.stopped.is_set():
                return
            connection.sendall(data[position : position + 1])
            time.sleep(pause)
