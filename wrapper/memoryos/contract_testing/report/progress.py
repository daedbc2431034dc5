"""Saying what is being done: one line for each part, counting on a terminal."""

from __future__ import annotations

import time
from typing import TextIO

__all__ = ["Progress"]

_REDRAW_SECONDS = 0.2


class Progress:
    """Writes to a stream, plainly.

    Args:
        stream: where to; standard error by default use, so that the report stays clean.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = stream.isatty()
        self._label = ""
        self._total = 0
        self._last = 0.0

    def start(self, label: str, total: int = 0) -> None:
        """Begin a part of `total` steps."""
        self._label, self._total = label, total
        self._redraw(label)

    def update(self, number: int) -> None:
        """Say that so many steps are done."""
        if time.monotonic() - self._last >= _REDRAW_SECONDS:
            self._redraw(f"{self._label} {number}/{self._total}")

    def done(self, outcome: str) -> None:
        """End the part with a line that stays."""
        line = f"{self._label}: {outcome}"
        if self._drawn:
            self._stream.write("\r\x1b[K")
        self._stream.write(line + "\n")
        self._stream.flush()

    def _redraw(self, line: str) -> None:
        self._last = time.monotonic()
        if self._drawn:
            self._stream.write("\r\x1b[K" + line)
            self._stream.flush()
