"""Waiting for sockets."""

from __future__ import annotations

import socket

from memoryos._transport.sockets import SocketWaiter, is_readable


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
