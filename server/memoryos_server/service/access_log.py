"""Access log: counts accesses to memories and writes them to the store in batches.

There is no background thread: a later call writes the pending accesses, or `close`. A crash may
lose them, which the API permits for access data. Reads in this process include them at once.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
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

    def record(self, owner: str, memory_ids: Iterable[str], now: datetime) -> None:
        """Count one access to each memory of an owner at `now`, and write pending ones if due.

        Nothing is counted if the store can't be written.
        """
        if not self._store.accepts_writes:
            return
        pending = self._pending.get()
        pending.add(owner, memory_ids, now)
        if pending.is_due(now):
            self.flush_if_possible()

    def with_pending_accesses(self, memory: Memory) -> Memory:
        """Return the memory with its pending accesses included."""
        access = self._pending.get().find(memory.owner, memory.id)
        if access is None:
            return memory
        return replace(
            memory,
            access_count=memory.access_count + access.count,
            last_accessed_at=max(memory.last_accessed_at or access.last_at, access.last_at),
        )

    def with_pending_access_times(
        self, owner: str, attributes: Mapping[int, RankingAttributes]
    ) -> dict[int, RankingAttributes]:
        """Return the ranking attributes of an owner's memories with pending accesses included."""
        ids = [item.id for item in attributes.values()]
        last = self._pending.get().last_access_times(owner, ids)
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
            for owner, accesses in pending.snapshot().items():
                if self._write(owner, accesses, wait=wait):
                    pending.subtract(owner, accesses)
        finally:
            pending.flushing.release()

    def _write(self, owner: str, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Write accesses, and return whether they are done with."""
        try:
            return self._store.record_accesses(owner, accesses, wait=wait)
        except ReadOnlyStoreError:  # such as a primary that became a standby
            return True


class _PendingAccesses:
    """The accesses of one process that are not yet in the store, by owner and id of the memory."""

    def __init__(self) -> None:
        self.flushing = threading.Lock()
        self._lock = threading.Lock()
        self._accesses: dict[tuple[str, str], Access] = {}
        self._oldest: datetime | None = None

    def add(self, owner: str, memory_ids: Iterable[str], now: datetime) -> None:
        with self._lock:
            for memory_id in memory_ids:
                earlier = self._accesses.get((owner, memory_id))
                count = 1 if earlier is None else earlier.count + 1
                self._accesses[owner, memory_id] = Access(count, now)
                self._oldest = self._oldest or now

    def find(self, owner: str, memory_id: str) -> Access | None:
        with self._lock:
            return self._accesses.get((owner, memory_id))

    def last_access_times(self, owner: str, memory_ids: Iterable[str]) -> dict[str, datetime]:
        with self._lock:
            found = ((name, self._accesses.get((owner, name))) for name in memory_ids)
            return {name: access.last_at for name, access in found if access is not None}

    def is_due(self, now: datetime) -> bool:
        with self._lock:
            if self._oldest is None:
                return False
            is_full = len(self._accesses) >= MAX_PENDING_MEMORIES
            return is_full or now - self._oldest >= FLUSH_INTERVAL

    def snapshot(self) -> dict[str, dict[str, Access]]:
        """Return the accesses of each owner, by id of the memory."""
        by_owner: defaultdict[str, dict[str, Access]] = defaultdict(dict)
        with self._lock:
            for (owner, name), access in self._accesses.items():
                by_owner[owner][name] = access
        return by_owner

    def subtract(self, owner: str, written: Mapping[str, Access]) -> None:
        """Remove written accesses; those counted in the meantime remain."""
        with self._lock:
            for name, access in written.items():
                left = self._accesses.pop((owner, name))
                if left.count > access.count:
                    self._accesses[owner, name] = Access(left.count - access.count, left.last_at)
            times = (access.last_at for access in self._accesses.values())
            self._oldest = min(times, default=None)
