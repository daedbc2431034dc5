"""The phases of an operation, and the time spent in each, measured only where a caller asks for it.

    with measured_phases() as seconds:
        with EMBEDDING:
            ...
    seconds == {"embedding": 0.0042}

Time in an inner phase doesn't count for the outer one. Each thread, and each asynchronous task, has
its own measurement.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ASSEMBLY",
    "CANDIDATES",
    "EMBEDDING",
    "PHASES",
    "RANKING",
    "READING",
    "Phase",
    "measured_phases",
]


class _Measurement:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._entered: list[str] = []
        self._since = 0.0

    def enter(self, name: str) -> None:
        self._count()
        self._entered.append(name)

    def leave(self) -> None:
        self._count()
        self._entered.pop()

    def _count(self) -> None:
        """Add the time since the last change to the innermost phase."""
        now = time.perf_counter()
        if self._entered:
            name = self._entered[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now


_measurement: ContextVar[_Measurement | None] = ContextVar("measurement", default=None)


class Phase:
    """A phase, as a context manager around its work. Without a measurement it does nothing.

    Args:
        name: Its name in metrics.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        measurement = _measurement.get()
        if measurement is not None:
            measurement.enter(self.name)

    def __exit__(self, *_: object) -> None:
        measurement = _measurement.get()
        if measurement is not None:
            measurement.leave()


@contextmanager
def measured_phases() -> Iterator[dict[str, float]]:
    """Measure the phases within the block, and return their seconds by name."""
    measurement = _Measurement()
    token = _measurement.set(measurement)
    try:
        yield measurement.seconds
    finally:
        _measurement.reset(token)


EMBEDDING = Phase("embedding")
"""Texts to vectors."""

CANDIDATES = Phase("candidates")
"""The memories that may match a query, with the evidence for each."""

RANKING = Phase("ranking")
"""The order of the candidates."""

READING = Phase("reading")
"""The memories that are returned."""

ASSEMBLY = Phase("assembly")
"""The results of a search, or the text of a context."""

PHASES = (EMBEDDING, CANDIDATES, RANKING, READING, ASSEMBLY)
