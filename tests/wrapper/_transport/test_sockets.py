"""Waiting for sockets."""

from __future__ import annotations

import socket

import pytest

from memoryos._transport.sockets import Outbox, SocketWaiter, is_readable


def test_room_to_send_is_nothing_to_read():
    """Also after a wait for both: the connection is idle, and can be used again."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        waiter = SocketWaiter(ours)
        assert waiter.wait(1.0, to_send=True)
        assert not waiter.is_ready()
        assert not is_readable(ours)
        theirs.close()
        assert waiter.is_ready()
        assert is_readable(ours)


class FullSocket:
    """Takes a few bytes at a time, and then what a test says."""

    def __init__(self, *outcomes):
        self.taken = b""
        self._outcomes = list(outcomes)

    def send(self, data):
        """Take bytes, or fail."""
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        self.taken += bytes(data[:outcome])
        return min(outcome, len(data))


def test_unsent_bytes_wait_for_room():
    """And those that are sent later follow them."""
    sock = FullSocket(3, BlockingIOError(), 2, BlockingIOError(), 100)
    outbox = Outbox(sock)
    outbox.send(b"abcdef")
    assert (sock.taken, bytes(outbox.unsent)) == (b"abc", b"def")
    outbox.send(b"gh")
    assert (sock.taken, bytes(outbox.unsent)) == (b"abcde", b"fgh")
    outbox.flush()
    assert (sock.taken, bytes(outbox.unsent), outbox.is_broken) == (b"abcdefgh", b"", False)


@pytest.mark.parametrize("failure", [BrokenPipeError(), ConnectionResetError(), OSError()])
def test_a_peer_that_takes_nothing_more_breaks_the_outbox(failure):
    """It may have responded before; but no other request can follow."""
    outbox = Outbox(FullSocket(2, failure))
    outbox.send(b"abcdef")
    assert (bytes(outbox.unsent), outbox.is_broken) == (b"", True)
