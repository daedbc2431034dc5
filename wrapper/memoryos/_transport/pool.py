"""Which connection to use: the bookkeeping of a pool for one origin, without I/O or locks.

A stack of idle connections, a bound on how many are open, and a queue in order of arrival. Each
step takes the same time, however many connections there are.
"""

from __future__ import annotations

from collections import deque
from typing import Callable, Deque, Generic, List, Optional, Tuple, TypeVar

MAX_CONNECTIONS = 100
"""Open connections per client, at most."""

KEEPALIVE_SECONDS = 30.0
"""How long an idle connection may be reused; whether the peer closed it is checked as well."""

C = TypeVar("C")


class Slot(Generic[C]):
    """What `take` gives: leave to send on a connection, or a slot in the queue."""

    granted = False
    # The connection to use again; None to open a new one.
    connection: Optional[C] = None
    # Wakes the caller, where it has to wait.
    wake: Optional[Callable[[], object]] = None
    given_up = False


class Pool(Generic[C]):
    """The connections to one origin.

    Args:
        limit: How many connections may be open at once.
        keepalive: Seconds that a connection may lie idle.
    """

    def __init__(self, limit: int, keepalive: float) -> None:
        self.open = 0
        self._limit = limit
        self._keepalive = keepalive
        # Each with the time since when it is idle.
        self._idle: Deque[Tuple[C, float]] = deque()
        self._queue: Deque[Slot[C]] = deque()

    def take(self, slot: Slot[C]) -> None:
        """Grant a slot, with or without a connection, or put it at the queue's end.

        The slot is marked first, so that an interrupt in between loses no connection for good:
        whoever gives back a slot that is marked makes room.
        """
        if self._idle:
            slot.granted = True
            slot.connection = self._idle.pop()[0]
        elif self.open < self._limit:
            slot.granted = True
            self.open += 1
        else:
            self._queue.append(slot)

    def give_back(self, connection: Optional[C], now: float) -> Optional[Slot[C]]:
        """Take back a connection, or what None stands for: leave to open one, no longer used.

        Returns:
            The slot that is granted by it, whose caller is to be woken; None where nobody waits.
        """
        while self._queue:
            slot = self._queue.popleft()
            if not slot.given_up:
                slot.granted, slot.connection = True, connection
                return slot
        if connection is None:
            self.open -= 1
        else:
            self._idle.append((connection, now))
        return None

    def expired(self, now: float) -> List[C]:
        """Remove and return the connections that have lain idle for too long."""
        found: List[C] = []
        while self._idle and self._idle[0][1] + self._keepalive < now:
            found.append(self._idle.popleft()[0])
        self.open -= len(found)
        return found

    def clear(self) -> List[C]:
        """Remove and return all idle connections."""
        found: List[C] = []
        while self._idle:
            found.append(self._idle.pop()[0])
        self.open -= len(found)
        return found
