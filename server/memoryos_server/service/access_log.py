"""Counting accesses: kept in memory for a moment, then written together.

There is no thread behind it. What is pending is written by a later call, or on close; a crash may
lose it, as the API allows for access data. Within this process, pending accesses show at once.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ServiceError
from memoryos_server.model.records import Access, Memory, Standing
from memoryos_server.per_process import PerProcess

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memoryos_server.stores.protocol import Store

__all__ = ["AccessLog"]

_logger = logging.getLogger("memoryos_server")

MAX_PENDING = 256
"""How many memories may have pending accesses before they are written."""

MAX_AGE = timedelta(seconds=5)
"""How long an access may stay pending while calls come in."""


class AccessLog:
    """The accesses of this process, before and after they reach the store.

    Args:
        store: where they are written to.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pending = PerProcess(_Pending)

    def record(self, memory_ids: Iterable[str], now: datetime) -> None:
        """Count one access of each memory at `now`; write what is due, if nobody else writes."""
        pending = self._pending.get()
        pending.add(memory_ids, now)
        if pending.is_due(now):
            self.flush_if_possible()

    def applied(self, memory: Memory) -> Memory:
        """Return the memory as it will be when its pending accesses are written."""
        access = self._pending.get().of(memory.id)
        if access is None:
            return memory
        return replace(
            memory,
            access_count=memory.access_count + access.count,
            last_accessed_at=max(memory.last_accessed_at or access.last_at, access.last_at),
        )

    def refreshed(self, standings: Mapping[int, Standing]) -> dict[int, Standing]:
        """Return how memories will stand when their pending accesses are written."""
        last = self._pending.get().last_of([standing.id for standing in standings.values()])
        return {
            number: replace(standing, refreshed_at=max(standing.refreshed_at, last[standing.id]))
            if standing.id in last
            else standing
            for number, standing in standings.items()
        }

    def flush_if_possible(self) -> None:
        """Write what is pending; where that fails or must wait, keep it for later.

        The call that happens to do this has succeeded by itself, and must not fail for it.
        """
        try:
            self.flush(wait=False)
        except ServiceError as error:
            _logger.warning("Access counts are kept for later: %s", error.message)

    def close(self) -> None:
        """Write what is pending, waiting for other writers; what can't be written is lost."""
        try:
            self.flush(wait=True)
        except ServiceError as error:
            _logger.warning("The last access counts are lost: %s", error.message)

    def flush(self, *, wait: bool) -> None:
        """Write what is pending.

        Args:
            wait: whether to wait for another writer; otherwise it stays pending where one is busy.
        """
        pending = self._pending.get()
        if not pending.flushing.acquire(blocking=wait):
            return
        try:
            accesses = pending.snapshot()
            if accesses and self._store.record_accesses(accesses, wait=wait):
                pending.settle(accesses)
        finally:
            pending.flushing.release()


class _Pending:
    """The accesses of one process that are not yet in the store."""

    def __init__(self) -> None:
        self.flushing = threading.Lock()
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._last_at: dict[str, datetime] = {}
        self._oldest: datetime | None = None

    def add(self, memory_ids: Iterable[str], now: datetime) -> None:
        with self._lock:
            for memory_id in memory_ids:
                self._counts[memory_id] += 1
                self._last_at[memory_id] = now
                self._oldest = self._oldest or now

    def of(self, memory_id: str) -> Access | None:
        with self._lock:
            count = self._counts.get(memory_id)
            return None if count is None else Access(count, self._last_at[memory_id])

    def last_of(self, memory_ids: Iterable[str]) -> dict[str, datetime]:
        with self._lock:
            return {name: self._last_at[name] for name in memory_ids if name in self._last_at}

    def is_due(self, now: datetime) -> bool:
        with self._lock:
            if self._oldest is None:
                return False
            return len(self._counts) >= MAX_PENDING or now - self._oldest >= MAX_AGE

    def snapshot(self) -> dict[str, Access]:
        with self._lock:
            return {name: Access(n, self._last_at[name]) for name, n in self._counts.items()}

    def settle(self, accesses: dict[str, Access]) -> None:
        """Take off what has been written; accesses that came meanwhile stay."""
        with self._lock:
            for name, access in accesses.items():
                self._counts[name] -= access.count
                if self._counts[name] == 0:
                    del self._counts[name], self._last_at[name]
            self._oldest = min(self._last_at.values(), default=None)
