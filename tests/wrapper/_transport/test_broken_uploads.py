"""A peer that responds and takes no more of the request: its connection is not used again."""

from __future__ import annotations

import socket
import time

from memoryos._sync.connections import Connection
from memoryos._transport.http1 import h11_engine
from memoryos._transport.http1.response_reader import ResponseReader

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Deaf(socket.socket):
    """A socket whose peer takes nothing."""

    def send(self, *_arguments):
        raise BrokenPipeError


def test_the_response_counts_and_the_connection_ends():
    """Although the response itself says that it stays open."""
    ours, theirs = socket.socketpair()
    with theirs, Deaf(fileno=ours.detach()) as deaf:
        deaf.setblocking(False)  # noqa: FBT003 - the standard library's signature
        theirs.sendall(RESPONSE)
        reader = ResponseReader("POST", h11_engine)
        assert Connection(deaf).exchange(b"request", reader, time.monotonic() + 10) is False
        assert (reader.response().content, reader.can_reuse) == (b"{}", True)
