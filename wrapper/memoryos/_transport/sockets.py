"""Deadlines and checks for sockets, shared by both network layers."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Optional, Union

if TYPE_CHECKING:
    import socket
    import ssl

# A page of 100 memories comes in one read. Beyond 128 KB malloc asks the system for each buffer,
# which costs more than a second read.
MAX_READ_BYTES = 64 * 1024


class Deadline:
    """The moment at which the present attempt ends, by the monotonic clock."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at = float("inf")

    def left(self) -> Optional[float]:
        """Return the seconds that are left; 0 or less when it has passed, None for no limit."""
        return None if self.at == float("inf") else self.at - time.monotonic()

    def share(self, number: int) -> Optional[float]:
        """Return the seconds for the next of `number` things to try, one after the other."""
        left = self.left()
        return None if left is None else max(left / number, 0.0)


def is_readable(sock: Union[socket.socket, ssl.SSLSocket]) -> bool:
    """Return whether a read would not wait: for an idle connection, the other side has hung up."""
    if sock.fileno() < 0:
        return True
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([sock], [], [], 0)[0])
