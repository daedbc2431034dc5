"""Access log: counts accesses to memories and writes them to the store in batches.

There is no background thread: a later call writes the pending accesses, or `close`. A crash may
lose them, which the API permits for access data. Reads in this process include them at once.
"""

from __future__ import annotations

import logging
import threading
import time
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
"""Age of an owner's oldest pending access at which the next read writes the owner's."""

MAX_CLOSE_SECONDS = 5.0
"""After an error, how long `close` goes on with the accesses of other owners."""


class AccessLog:
    """The accesses of this process. Thread-safe.

    A call writes those of one owner, in one transaction: nobody waits for what many others read.

    Args:
        store: The store to write them to.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._pending = PerProcess(_PendingAccesses)

    def record(self, owner: str, memory_ids: Iterable[str], now: datetime) -> None:
        """Count one access to each memory of an owner at `now`.

        Then write those of the owner whose accesses have been pending for longest, if due. Nothing
        is counted if the store can't be written.
        """
        if not self._store.accepts_writes:
            return
        pending = self._pending.get()
        pending.add(owner, memory_ids, now)
        due = pending.due(now)
        if due is not None:
            self.flush_if_possible(due, now)

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

    def flush_if_possible(self, owner: str, now: datetime) -> None:
        """Write an owner's pending accesses; keep them if the store fails or is being written.

        Errors are only logged, since the operation that calls this method has already succeeded.
        """
        try:
            is_written = self.flush(owner, wait=False)
        except ServiceError as error:
            _logger.warning("Could not write access counts; will retry later: %s", error.message)
            is_written = False
        if not is_written:
            self._pending.get().postpone(owner, now)

    def close(self) -> None:
        """Write pending accesses, waiting for other writers. They are lost if the store fails."""
        deadline = time.monotonic() + MAX_CLOSE_SECONDS
        failure = None
        for owner in self._pending.get().owners():
            if failure is not None and time.monotonic() > deadline:
                break
            try:
                self.flush(owner, wait=True)
            except ServiceError as error:
                failure = error
        if failure is not None:
            _logger.warning(
                "Could not write access counts on close; they are lost: %s", failure.message
            )

    def flush(self, owner: str, *, wait: bool) -> bool:
        """Write an owner's pending accesses.

        Args:
            owner: The owner.
            wait: Whether to wait for another writer. If False and one is active, the accesses
                remain pending.

        Returns:
            Whether they are done with.

        Raises:
            ServiceError: The store failed.
        """
        pending = self._pending.get()
        of_owner = pending.of(owner)
        if of_owner is None:
            return True
        if not of_owner.flushing.acquire(blocking=wait):
            return False
        try:
            accesses = pending.snapshot(of_owner)
            is_written = not accesses or self._write(owner, accesses, wait=wait)
            if is_written:
                pending.subtract(owner, of_owner, accesses)
            return is_written
        finally:
            of_owner.flushing.release()

    def _write(self, owner: str, accesses: Mapping[str, Access], *, wait: bool) -> bool:
        """Write accesses, and return whether they are done with."""
        try:
            return self._store.record_accesses(owner, accesses, wait=wait)
        except ReadOnlyStoreError:  # such as a primary that became a standby
            return True


class _OwnersAccesses:
    """The pending accesses of one owner, by id of the memory.

    Args:
        since: When the oldest one was, or when it was last tried to write them.

    Attributes:
        is_postponed: Whether they couldn't be written when it was last tried.
    """

    def __init__(self, since: datetime) -> None:
        self.flushing = threading.Lock()
        self.since = since
        self.is_postponed = False
        self.by_id: dict[str, Access] = {}


class _PendingAccesses:
    """The accesses of one process that are not yet in the store.

    By owner, those who have waited for longest first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: dict[str, _OwnersAccesses] = {}
        self._size = 0

    def add(self, owner: str, memory_ids: Iterable[str], now: datetime) -> None:
        with self._lock:
            pending = self._owners.get(owner) or _OwnersAccesses(now)
            before = len(pending.by_id)
            for name in memory_ids:
                earlier = pending.by_id.get(name)
                pending.by_id[name] = Access(1 if earlier is None else earlier.count + 1, now)
            self._size += len(pending.by_id) - before
            if pending.by_id:
                self._owners[owner] = pending

    def find(self, owner: str, memory_id: str) -> Access | None:
        with self._lock:
            pending = self._owners.get(owner)
            return None if pending is None else pending.by_id.get(memory_id)

    def last_access_times(self, owner: str, memory_ids: Iterable[str]) -> dict[str, datetime]:
        with self._lock:
            pending = self._owners.get(owner)
            if pending is None:
                return {}
            found = ((name, pending.by_id.get(name)) for name in memory_ids)
            return {name: access.last_at for name, access in found if access is not None}

    def owners(self) -> list[str]:
        with self._lock:
            return list(self._owners)

    def due(self, now: datetime) -> str | None:
        """Return whose accesses to write now, or None."""
        with self._lock:
            is_full = self._size >= MAX_PENDING_MEMORIES
            for owner, pending in self._owners.items():
                is_old = now - pending.since >= FLUSH_INTERVAL
                if is_old or (is_full and not pending.is_postponed):
                    return owner
            return None

    def of(self, owner: str) -> _OwnersAccesses | None:
        with self._lock:
            return self._owners.get(owner)

    def snapshot(self, pending: _OwnersAccesses) -> dict[str, Access]:
        with self._lock:
            return dict(pending.by_id)

    def postpone(self, owner: str, now: datetime) -> None:
        """Let the other owners be first."""
        with self._lock:
            pending = self._owners.pop(owner, None)
            if pending is not None:
                pending.since, pending.is_postponed = now, True
                self._owners[owner] = pending

    def subtract(self, owner: str, pending: _OwnersAccesses, written: Mapping[str, Access]) -> None:
        """Remove written accesses; those counted in the meantime remain."""
        with self._lock:
            for name, access in written.items():
                left = pending.by_id.pop(name)
                if left.count > access.count:
                    pending.by_id[name] = Access(left.count - access.count, left.last_at)
            self._size -= len(written) - len(written.keys() & pending.by_id.keys())
            pending.is_postponed = False
            if self._owners.get(owner) is pending:
                del self._owners[owner]
                if pending.by_id:
                    pending.since = min(access.last_at for access in pending.by_id.values())
                    self._owners[owner] = pending
