"""Replayed responses: recognize memories that an earlier call created with the same key.

A service that has seen an idempotency key returns its first response, even if the memory has been
deleted since. Such a memory is older than the call.
"""

from __future__ import annotations

from typing import Any, Mapping

from memoryos._protocol import times
from memoryos._protocol.idempotency_keys import key_after_deletion
from memoryos._protocol.response_fields import invalid_fields
from memoryos._protocol.retry_after import http_date

__all__ = ["KeyGenerations", "ReplayDetector"]

MAX_DELETED_GENERATIONS = 50
"""How often the memory of an item may have been deleted while the service remembers its keys."""


class ReplayDetector:
    """Compares creation times with the time when a call began, both by the service's clock.

    The `Date` header has whole seconds: a memory created in the last second before the call may be
    taken for a new one. Without the header, every memory is. A new memory is never taken for an
    older one.

    Args:
        now: The monotonic time at which the call begins, in seconds.
    """

    def __init__(self, now: float) -> None:
        self._began = now
        self._earliest_begin = float("-inf")

    def is_replay(self, memory: Mapping[str, Any], headers: Mapping[str, str], now: float) -> bool:
        """Return whether a memory was created before the call began.

        Args:
            memory: The memory in the response.
            headers: The response's headers, by lower-case name.
            now: The monotonic time at which the response arrived.
        """
        date = http_date(headers.get("date", ""))
        if date is not None:
            # The service sent the date at this second or later, and before the response arrived.
            self._earliest_begin = max(self._earliest_begin, date - (now - self._began))
        created = times.parse(memory.get("created_at"))
        return created is not None and created.timestamp() < self._earliest_begin


class KeyGenerations:
    """The keys of one item: each is for the case that the memory of the one before was deleted.

    Attributes:
        key: The key to send.

    Args:
        key: The first key.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self._count = 1

    def memory_is_gone(self, memory_id: str) -> None:
        """Go on to the next key, because the memory of the present one was deleted.

        Raises:
            InvalidResponseError: There were too many: the service ignores the keys.
        """
        if self._count == MAX_DELETED_GENERATIONS:
            raise invalid_fields("the service returns deleted memories, whatever the key")
        self._count += 1
        self.key = key_after_deletion(self.key, memory_id)
