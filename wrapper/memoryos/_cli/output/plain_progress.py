"""Progress display in one line of plain text."""

from __future__ import annotations

import time
from typing import Callable, Optional, TextIO

from .formatting import duration, number, percent

__all__ = ["NoProgress", "PlainProgress", "progress_line"]

_REDRAW_SECONDS = 0.2
_CLEAR_LINE = "\r\x1b[K"


class NoProgress:
    """Progress display that shows nothing, for streams that are not terminals."""

    def update(self, done: int, total: Optional[int] = None) -> None:
        """Do nothing."""


class PlainProgress:
    """Progress line on a terminal, redrawn at most five times a second.

    Args:
        stream: The terminal.
        label: What is being done, such as `Importing`.
        total: Total number of steps, or None if it is unknown.
        clock: Returns a monotonic time in seconds.
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

    def update(self, done: int, total: Optional[int] = None) -> None:
        """Show the number of finished steps, and the total if it is known."""
        self._total = self._total if total is None else total
        if self._clock() - self._drawn_at >= _REDRAW_SECONDS:
            self._draw(done)

    def clear(self) -> None:
        """Erase the line."""
        self._stream.write(_CLEAR_LINE)
        self._stream.flush()

    def _draw(self, done: int) -> None:
        self._drawn_at = self._clock()
        elapsed = self._drawn_at - self._start
        self._stream.write(_CLEAR_LINE + progress_line(self._label, done, self._total, elapsed))
        self._stream.flush()


def progress_line(label: str, done: int, total: Optional[int], elapsed: float) -> str:
    """Return a progress line: `Importing 1,200 of 5,000 (24 %), 95/s, 40 s left`.

    Args:
        label: What is being done.
        done: Number of finished steps.
        total: Total number of steps, or None if it is unknown.
        elapsed: Seconds since the start.
    """
    if not done:
        return f"{label} …"
    counted = f"{label} {number(done)}"
    rate = done / elapsed if elapsed > 0 else 0.0
    left = ""
    if total and total >= done:
        counted += f" of {number(total)} ({percent(done, total)})"
        if rate and total > done:
            left = f", {duration((total - done) / rate)} left"
    if not rate:
        return counted
    return f"{counted}, {rate:,.0f}/s{left}" if rate >= 1 else f"{counted}, {rate:.1f}/s{left}"
