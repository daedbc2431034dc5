"""Which connection to use: the bookkeeping of a pool for one origin, without I/O or locks.

A stack of idle connections, a bound on how many are open, and a queue in order of arrival. Each
step takes the same time, however many connections there are.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Callable, Deque, Generic, List, Optional, TypeVar

MAX_CONNECTIONS = 100
"""Open connections per client, at most."""

KEEPALIVE_SECONDS = 30.0
"""How long an idle connection may be reused; whether the peer closed it is checked as well."""

C = TypeVar("C")


@dataclass
class Slot(Generic[C]):
    """What `take` gives: leave to send on a connection, or a slot in the queue."""

    granted: bool = False
    # The connection to use again; None to open a new one.
    connection: Optional[C] = None
    # Wakes the caller, where it has to wait.
    wake: Optional[Callable[[], object]] = None
    given_up: bool = False


@dataclass
class _Idle(Generic[C]):
    connection: C
    since: float


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
        self._idle: Deque[_Idle[C]] = deque()
        self._queue: Deque[Slot[C]] = deque()

    def take(self, slot: Slot[C]) -> None:
        """Grant a slot, with or without a connection, or put it at the queue's end.

        The slot is marked first, so that an interrupt in between loses no connection for good:
        whoever gives back a slot that is marked makes room.
        """
        if self._idle:
            slot.granted = True
            slot.connection = self._idle.pop().connection
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
            self._idle.append(_Idle(connection, now))
        return None

    def expired(self, now: float) -> List[C]:
        """Remove and return the connections that have lain idle for too long."""
        found: List[C] = []
        while self._idle and self._idle[0].since + self._keepalive < now:
            found.append(self._idle.popleft().connection)
        self.open -= len(found)
        return found

    def clear(self) -> List[C]:
        """Remove and return all idle connections."""
        found: List[C] = []
        while self._idle:
            found.append(self._idle.pop().connection)
        self.open -= len(found)
        return found
