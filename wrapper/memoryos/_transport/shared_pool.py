"""A pool that threads share."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, List, Optional, TypeVar

from .pool import Pool, Slot

if TYPE_CHECKING:
    from typing_extensions import Protocol

    class Closable(Protocol):
        """What the pool holds."""

        def close(self) -> None:
            """Close it at once."""


C = TypeVar("C", bound="Closable")


class SharedPool(Generic[C]):
    """The connections of one process to one origin.

    Args: as for `Pool`.
    """

    def __init__(self, limit: int, keepalive: float) -> None:
        self._lock = threading.Lock()
        self._pool: Pool[C] = Pool(limit, keepalive)
        self._closed = False

    @property
    def open(self) -> int:
        """How many connections are open."""
        return self._pool.open

    def take(self, slot: Slot[C], deadline: float) -> bool:
        """Wait for a slot until `deadline`, by the monotonic clock; return whether it is granted.

        Whatever comes of it, the slot is to be given back.
        """
        waiting: Optional[threading.Event] = None
        with self._lock:
            now = time.monotonic()
            expired = self._pool.expired(now)
            self._pool.take(slot)
            if not slot.granted:
                waiting = threading.Event()
                slot.wake = waiting.set
        if expired:
            _close(expired)
        if waiting is not None:
            waiting.wait(deadline - now)
        return slot.granted

    def give_back(self, slot: Slot[C], *, usable: bool) -> None:
        """Take back a slot, and its connection: to use again, or to close."""
        with self._lock:
            slot.given_up = True
            if not slot.granted:
                return
            connection = slot.connection
            keep = connection if usable and not self._closed else None
            woken = self._pool.give_back(keep, time.monotonic())
            if woken is not None and woken.wake is not None:
                woken.wake()
        if connection is not None and keep is None:
            connection.close()

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are given back."""
        with self._lock:
            self._closed = True
            idle = self._pool.clear()
        _close(idle)

    def abandon(self) -> None:
        """Close this process's copies of the idle connections of a parent process.

        Without the lock: a thread may have held it that is not in this process.
        """
        _close(self._pool.clear())


def _close(connections: List[C]) -> None:
    for connection in connections:
        connection.close()
