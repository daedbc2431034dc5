"""Servers that never pause: what they send, again and again, as fast as the socket takes it."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import zlib
from typing import NamedTuple

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
SIZE = 60 * 1024 * 1024


class Storm(NamedTuple):
    """What a server sends: the beginning, then the rest again and again."""

    head: bytes
    repeated: bytes
    times: int = 10**9
    content: tuple[bytes, bytes, bytes] | None = None
    """Of a document: its beginning, what fills it, and its end. It is made when it is sent, since
    all of them together take half a gigabyte."""

    def beginning(self):
        """Return what is sent first."""
        if self.content is None:
            return self.head
        begin, repeated, end = self.content
        return _sized(begin + repeated * ((SIZE - 100) // len(repeated)) + end)


def _sized(body, *headers):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + b"".join(headers)
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _chunk(content):
    return b"%x\r\n%s\r\n" % (len(content), content)


def _document(begin, repeated, end):
    return Storm(b"", b"", 0, (begin, repeated, end))


_EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"  # of deflate: it decodes to nothing
_BOMB = zlib.compress(bytes(SIZE), 9)

STORMS = {
    "100 Continue": Storm(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500),
    "102 with headers": Storm(
        b"", (b"HTTP/1.1 102 Processing\r\n" + b"X: y\r\n" * 50 + b"\r\n") * 50
    ),
    "an endless head": Storm(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 1000),
    "an endless header": Storm(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 8192),
    "one-byte chunks": Storm(CHUNKED + b"\r\n", b"1\r\n \r\n" * 2000),
    "chunks with extensions": Storm(CHUNKED + b"\r\n", b"1;a=b\r\n \r\n" * 2000),
    "endless trailers": Storm(CHUNKED + b"\r\n0\r\n", b"X: y\r\n" * 2000),
    "large chunks": Storm(CHUNKED + b"\r\n", _chunk(b" " * 1024 * 1024)),
    "gzip blocks of nothing": Storm(
        CHUNKED + b"Content-Encoding: gzip\r\n\r\n" + _chunk(gzip.compress(b"")[:10]),
        _chunk(_EMPTY_BLOCK * 3000),
    ),
    "gzip members of nothing": Storm(
        CHUNKED + b"Content-Encoding: gzip\r\n\r\n", _chunk(gzip.compress(b"") * 1000)
    ),
    "a deflate bomb": Storm(_sized(_BOMB, b"Content-Encoding: deflate\r\n"), b"", 0),
    "until the end": Storm(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536),
    "60 MB of nothing": _document(b"", b" ", b"{}"),
    "60 MB of junk": _document(b"", b"x", b""),
    "60 MB of text": _document(b'{"data": {"content": "', b"tea ", b'"}, "meta": {}}'),
    "60 MB of lines": _document(b'{"data": {"content": "', b"a line of tea\\n", b'"}, "meta": {}}'),
    "60 MB of lists": _document(b'{"data": [', b"[],", b"[]]}"),
    "60 MB of numbers": _document(b'{"data": [', b"1,", b"1]}"),
    "60 MB of objects": _document(b'{"data": [', b'{"a": 1},', b"{}]}"),
    "60 MB of blanks": _document(b'{"data": [', b" \n", b"]}"),
}


@contextlib.contextmanager
def raging(storm, context=None):
    """Serve a storm to whoever sends a request; yield the address."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        connections, threads = [], []

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connections.append(connection)
                    threads.append(
                        threading.Thread(target=_rage, args=(connection, storm, context))
                    )
                    threads[-1].start()

        server = threading.Thread(target=serve)
        server.start()
        try:
            scheme = "http" if context is None else "https"
            yield f"{scheme}://localhost:{listener.getsockname()[1]}/v1"
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            server.join()
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def _rage(connection, storm, context):
    with contextlib.suppress(OSError), connection, contextlib.ExitStack() as stack:
        stream = connection
        if context is not None:
            # A duplicate, so that the connection can still be shut down from outside.
            stream = context.wrap_socket(connection.dup(), server_side=True)
            stack.enter_context(stream)
        beginning = storm.beginning()
        while stream.recv(65536):
            stream.sendall(beginning)
            for _ in range(storm.times):
                stream.sendall(storm.repeated)
