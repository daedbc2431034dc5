"""Access log: counts accesses to memories and writes them to the store in batches.

There is no background thread: a later call writes the pending accesses, or `close`. A crash may
lose them, which the API permits for access data. Reads in this process include them at once.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ReadOnlyStoreError, ServiceError
from memoryos_server.model.records import Access, Memory, RankingAttributes
from memoryos_server.per_process import PerProcess

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memoryos_server.stores.protocol import MemoryStore

__all__ = ["AccessLog"]

_logger = logging.getLogger("memoryos_server")

MAX_PENDING_MEMORIES = 256
"""Number of memories with pending accesses that triggers a write."""

FLUSH_INTERVAL = timedelta(seconds=5)
"""Age of the oldest pending access at which the next call writes all of them."""


class AccessLog:
    """The accesses of this process. Thread-safe.

    Args:
        store: The store to write them to.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._pending = PerProcess(_PendingAccesses)

    def record(self, memory_ids: Iterable[str], now: datetime) -> None:
        """Count one access to each memory at `now`, and write pending accesses if due.

        Nothing is counted if the store can't be written.
        """
        if not self._store.accepts_writes:
            return
        pending = self._pending.get()
        pending.add(memory_ids, now)
        if pending.is_due(now):
            self.flush_if_possible()

    def with_pending_accesses(self, memory: Memory) -> Memory:
        """Return the memory with its pending accesses included."""
        access = self._pending.get().find(memory.id)
        if access is None:
            return memory
        return replace(
            memory,
            access_count=memory.access_count + access.count,
            last_accessed_at=max(memory.last_accessed_at or access.last_at, access.last_at),
        )

    def with_pending_access_times(
        self, attributes: Mapping[int, RankingAttributes]
    ) -> dict[int, RankingAttributes]:
        """Return the ranking attributes with pending accesses included."""
        last = self._pending.get().last_access_times([item.id for item in attributes.values()])
        return {
            number: replace(item, refreshed_at=max(item.refreshed_at, last[item.id]))
            if item.id in last
            else item
            for number, item in attributes.items()
        }

    def flush_if_possible(self) -> None:
        """Write pending accesses; keep them if the store fails or another writer is active.

        Errors are only logged, since the operation that calls this method has already succeeded.
        """
        try:
            self.flush(wait=False)
        except ServiceError as error:
            _logger.warning("Could not write access counts; will retry later: %s", error.message)

    def close(self) -> None:
        """Write pending accesses, waiting for other writers. They are lost if the store fails."""
        try:
            self.flush(wait=True)
        except ServiceError as error:
            _logger.warning(
                "Could not write access counts on close; they are lost: %s", error.message
            )

    def flush(self, *, wait: bool) -> None:
        """Write pending accesses.

        Args:
            wait: Whether to wait for another writer. If False and one is active, the accesses
                remain pending.

        Raises:
            ServiceError: The store failed.
        """
        pending = self._pending.get()
        if not pending.flushing.acquire(blocking=wait):
            return
        try:
            accesses = pending.snapshot()
            if accesses and self._write(accesses, wait=wait):
                pending.subtract(accesses)
        finally:
            pending.flushing.release()

    def _write(self, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Write accesses, and return whether they are done with."""
        try:
            return self._store.record_accesses(accesses, wait=wait)
        except ReadOnlyStoreError:  # such as a primary that became a standby
            return True


class _PendingAccesses:
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

    def find(self, memory_id: str) -> Access | None:
        with self._lock:
            count = self._counts.get(memory_id)
            return None if count is None else Access(count, self._last_at[memory_id])

    def last_access_times(self, memory_ids: Iterable[str]) -> dict[str, datetime]:
        with self._lock:
            return {name: self._last_at[name] for name in memory_ids if name in self._last_at}

    def is_due(self, now: datetime) -> bool:
        with self._lock:
            if self._oldest is None:
                return False
            return len(self._counts) >= MAX_PENDING_MEMORIES or now - self._oldest >= FLUSH_INTERVAL

    def snapshot(self) -> dict[str, Access]:
        with self._lock:
            return {name: Access(n, self._last_at[name]) for name, n in self._counts.items()}

    def subtract(self, accesses: dict[str, Access]) -> None:
        """Remove written accesses; those counted in the meantime remain."""
        with self._lock:
            for name, access in accesses.items():
                self._counts[name] -= access.count
                if self._counts[name] == 0:
                    del self._counts[name], self._last_at[name]
            self._oldest = min(self._last_at.values(), default=None)
