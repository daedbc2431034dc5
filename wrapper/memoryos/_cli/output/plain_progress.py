"""How something long goes on, in one line of text that is written over and over."""

from __future__ import annotations

import time
from typing import Callable, Optional, TextIO

from .formatting import duration, number

__all__ = ["NoProgress", "PlainProgress", "progress_line"]

_REDRAW_SECONDS = 0.2
_CLEAR = "\r\x1b[K"


class NoProgress:
    """Nobody looks on."""

    def at(self, done: int, total: Optional[int] = None) -> None:
        """Say nothing."""


class PlainProgress:
    """Writes a line to a terminal, a few times a second.

    Args:
        stream: The terminal.
        label: What goes on.
        total: How many there are to do, if that is known.
        clock: The time in seconds.
    """

    def __init__(
        self,
        stream: TextIO,
        label: str,
        total: Optional[int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._label = label
        self._total = total
        self._clock = clock
        self._start = clock()
        self._drawn_at = 0.0
        self._draw(0)

    def at(self, done: int, total: Optional[int] = None) -> None:
        """Say how many are done, and of how many where that is known."""
        self._total = self._total if total is None else total
        if self._clock() - self._drawn_at >= _REDRAW_SECONDS:
            self._draw(done)

    def clear(self) -> None:
        """Take the line away."""
        self._stream.write(_CLEAR)
        self._stream.flush()

    def _draw(self, done: int) -> None:
        self._drawn_at = self._clock()
        elapsed = self._drawn_at - self._start
        self._stream.write(_CLEAR + progress_line(self._label, done, self._total, elapsed))
        self._stream.flush()


def progress_line(label: str, done: int, total: Optional[int], elapsed: float) -> str:
    """Return how far something is: `Importing 1,200 of 5,000 (24 %), 95/s, 40 s left`."""
    if not done:
        return f"{label} …"
    counted = f"{label} {number(done)}"
    rate = done / elapsed if elapsed > 0 else 0.0
    if total:
        counted += f" of {number(total)} ({100 * done // total} %)"
    if not rate:
        return counted
    left = f", {duration((total - done) / rate)} left" if total else ""
    return f"{counted}, {rate:,.0f}/s{left}" if rate >= 1 else f"{counted}, {rate:.1f}/s{left}"
