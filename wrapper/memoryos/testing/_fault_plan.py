"""Which fault comes next: named ones first, then the standing one, then chance."""

from __future__ import annotations

import random
import threading
from collections import deque
from typing import TYPE_CHECKING, Callable, Deque, Dict, List, Mapping, Optional, Tuple

from .faults import Fault, Moment

if TYPE_CHECKING:
    from ._http_messages import Received

Choice = Callable[["Received"], bool]


class FaultPlan:
    """Decides for each connection and each request what goes wrong with it; threads may share it.

    A fault that strikes when a connection is made is decided there; one that waits for a certain
    request when a request has come whole; the others when a request begins to arrive.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: Deque[Fault] = deque()
        self._waiting: List[Tuple[Choice, Fault]] = []
        self._always: Optional[Fault] = None
        self._chances: Dict[Fault, float] = {}
        self._random = random.Random(0)  # noqa: S311 - it must be repeatable

    def add(self, fault: Fault, times: int) -> None:
        """Let the next `times` connections or requests meet this fault."""
        with self._lock:
            self._next.extend([fault] * times)

    def wait_for(self, choice: Choice, fault: Fault, times: int) -> None:
        """Let the next `times` requests that `choice` picks meet this fault."""
        with self._lock:
            self._waiting.extend([(choice, fault)] * times)

    def stand(self, fault: Optional[Fault]) -> None:
        """Let every connection or request meet this fault, or none any more."""
        with self._lock:
            self._always = fault

    def chance(self, chances: Mapping[Fault, float], seed: int) -> None:
        """Let chance decide, with these probabilities."""
        if any(p < 0 for p in chances.values()) or sum(chances.values()) > 1:
            raise ValueError("probabilities must be 0 or more, and 1 at most in all")
        with self._lock:
            self._chances = dict(chances)
            self._random = random.Random(seed)  # noqa: S311

    def clear(self) -> None:
        """FaultPlan nothing any more."""
        with self._lock:
            self._next.clear()
            self._waiting.clear()
            self._always, self._chances = None, {}

    def for_connection(self) -> Optional[Fault]:
        """Return the fault that a new connection meets at once."""
        with self._lock:
            if self._next:
                return self._next.popleft() if _at_connection(self._next[0]) else None
            if self._always is not None:
                return self._always if _at_connection(self._always) else None
            return self._drawn(at_connection=True)

    def for_request(self) -> Optional[Fault]:
        """Return the fault that a request meets."""
        with self._lock:
            if self._next:
                return self._next.popleft()
            return self._always or self._drawn(at_connection=False)

    def for_received(self, received: Received) -> Optional[Fault]:
        """Return the fault that waits for a request like this one, which has come whole."""
        with self._lock:
            for position, (choice, fault) in enumerate(self._waiting):
                if choice(received):
                    del self._waiting[position]
                    return fault
            return None

    def _drawn(self, *, at_connection: bool) -> Optional[Fault]:
        drawn = self._random.random() if self._chances else 1.0
        for fault, probability in self._chances.items():
            if _at_connection(fault) is at_connection:
                drawn -= probability
                if drawn < 0:
                    return fault
        return None


def _at_connection(fault: Fault) -> bool:
    return fault.ends is not None and fault.at is Moment.CONNECTION
