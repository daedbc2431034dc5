"""Waiting for sockets, and constants for them."""

from __future__ import annotations

import math
import select
from typing import TYPE_CHECKING, Union

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
        found = self._poll.poll(0)
        # The last `wait` may have been for room to send, too.
        return bool(found) and any(events & ~select.POLLOUT for _descriptor, events in found)

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


class Outbox:
    """Bytes on their way into a non-blocking socket.

    Attributes:
        unsent: What the socket had no room for.
        is_broken: Whether the peer takes nothing more.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.unsent: Union[bytes, memoryview] = b""
        self.is_broken = False
        self._socket = sock

    def send(self, data: bytes) -> None:
        """Send data after what is unsent, as far as there is room."""
        if data:
            self.unsent = bytes(self.unsent) + data if self.unsent else data
            self.flush()

    def flush(self) -> None:
        """Send as much of what is unsent as the socket takes."""
        try:
            while self.unsent:
                sent = self._socket.send(self.unsent)
                self.unsent = memoryview(self.unsent)[sent:] if sent < len(self.unsent) else b""
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            # A service may reject a body before it has read it whole, and close the connection.
            # The read that follows finds the response, or fails.
            self.unsent = b""
            self.is_broken = True
