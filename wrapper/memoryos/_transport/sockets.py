"""Waiting for sockets, and constants for them."""

from __future__ import annotations

import math
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

# A page of 100 memories comes in one read. Beyond 128 KB malloc asks the system for each buffer,
# which costs more than a second read.
MAX_READ_BYTES = 64 * 1024

_MAX_POLL_MILLISECONDS = 2**31 - 1


def is_readable(sock: socket.socket) -> bool:
    """Return whether a read would not wait: an idle connection was closed by the peer."""
    return sock.fileno() < 0 or SocketWaiter(sock).is_ready()


class SocketWaiter:
    """Waits for one socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._to_send = False
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(sock, select.POLLIN)

    def is_ready(self) -> bool:
        """Return whether a read would not wait."""
        if self._poll is None:
            return bool(select.select([self._socket], [], [], 0)[0])
        # The last `wait` may have been for room to send, too.
        return any(events & ~select.POLLOUT for _descriptor, events in self._poll.poll(0))

    def wait(self, seconds: float, *, to_send: bool) -> bool:
        """Wait until something can be read, or sent; return whether it can.

        Args:
            seconds: The longest wait.
            to_send: Whether to wait for room to send, too.
        """
        if self._poll is None:
            writable = [self._socket] if to_send else []
            return any(select.select([self._socket], writable, [], seconds))
        if to_send is not self._to_send:
            self._to_send = to_send
            wanted = select.POLLIN | select.POLLOUT if to_send else select.POLLIN
            self._poll.modify(self._socket, wanted)
        return bool(self._poll.poll(min(math.ceil(seconds * 1000), _MAX_POLL_MILLISECONDS)))
