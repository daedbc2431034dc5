"""Order of planned faults: queued ones first, then the permanent one, then random ones."""

from __future__ import annotations

import random
import threading
from collections import deque
from typing import TYPE_CHECKING, Callable, Deque, Dict, List, Mapping, Optional, Tuple

from .faults import Fault, Moment

if TYPE_CHECKING:
    from ._http_messages import Received

RequestFilter = Callable[["Received"], bool]


class FaultPlan:
    """Selects a fault for each connection and each request. Thread-safe.

    Faults at the moment of connection are selected when a connection is accepted, faults with a
    filter when a request is complete, and all others when a request starts to arrive.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: Deque[Fault] = deque()
        self._filtered: List[Tuple[RequestFilter, Fault]] = []
        self._always: Optional[Fault] = None
        self._probabilities: Dict[Fault, float] = {}
        self._random = random.Random(0)  # noqa: S311 - must be reproducible

    def add(self, fault: Fault, times: int) -> None:
        """Inject a fault into the next `times` connections or requests."""
        with self._lock:
            self._queue.extend([fault] * times)

    def add_filtered(self, matches: RequestFilter, fault: Fault, times: int) -> None:
        """Inject a fault into the next `times` requests that the filter matches."""
        with self._lock:
            self._filtered.extend([(matches, fault)] * times)

    def set_permanent(self, fault: Optional[Fault]) -> None:
        """Inject a fault into all connections or requests; None ends it."""
        with self._lock:
            self._always = fault

    def set_random(self, probabilities: Mapping[Fault, float], seed: int) -> None:
        """Inject random faults with these probabilities."""
        if any(p < 0 for p in probabilities.values()) or sum(probabilities.values()) > 1:
            raise ValueError("probabilities must not be negative, and their sum must be at most 1")
        with self._lock:
            self._probabilities = dict(probabilities)
            self._random = random.Random(seed)  # noqa: S311

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._queue.clear()
            self._filtered.clear()
            self._always, self._probabilities = None, {}

    def for_connection(self) -> Optional[Fault]:
        """Return the fault of a new connection."""
        with self._lock:
            if self._queue:
                return self._queue.popleft() if _is_at_connection(self._queue[0]) else None
            if self._always is not None:
                return self._always if _is_at_connection(self._always) else None
            return self._random_fault(at_connection=True)

    def for_request(self) -> Optional[Fault]:
        """Return the fault of a request that starts to arrive."""
        with self._lock:
            if self._queue:
                return self._queue.popleft()
            return self._always or self._random_fault(at_connection=False)

    def for_received(self, received: Received) -> Optional[Fault]:
        """Return the fault of a complete request, if a filter matches it."""
        with self._lock:
            for position, (matches, fault) in enumerate(self._filtered):
                if matches(received):
                    del self._filtered[position]
                    return fault
            return None

    def _random_fault(self, *, at_connection: bool) -> Optional[Fault]:
        drawn = self._random.random() if self._probabilities else 1.0
        for fault, probability in self._probabilities.items():
            if _is_at_connection(fault) is at_connection:
                drawn -= probability
                if drawn < 0:
                    return fault
        return None


def _is_at_connection(fault: Fault) -> bool:
    return fault.ends is not None and fault.at is Moment.CONNECTION
