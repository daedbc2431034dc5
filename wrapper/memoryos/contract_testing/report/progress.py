"""Show the progress of a run: one line for each part, with a counter on a terminal."""

from __future__ import annotations

import time
from typing import TextIO

__all__ = ["Progress"]

_REDRAW_SECONDS = 0.2
_CLEAR_LINE = "\r\x1b[K"


class Progress:
    """Writes progress lines.

    Args:
        stream: Stream to write to. Use standard error, so that standard output has only the report.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._label = ""
        self._total = 0
        self._drawn_at = 0.0

    def start(self, label: str, total: int = 0) -> None:
        """Start a part with `total` steps."""
        self._label, self._total = label, total
        self._redraw(label)

    def update(self, done: int) -> None:
        """Show the number of finished steps."""
        if time.monotonic() - self._drawn_at >= _REDRAW_SECONDS:
            self._redraw(f"{self._label} {done}/{self._total}")

    def done(self, outcome: str) -> None:
        """Finish the part, and leave a line with its outcome."""
        line = f"{self._label}: {outcome}"
        if self._is_terminal:
            self._stream.write(_CLEAR_LINE)
        self._stream.write(line + "\n")
        self._stream.flush()

    def _redraw(self, line: str) -> None:
        self._drawn_at = time.monotonic()
        if self._is_terminal:
            self._stream.write(_CLEAR_LINE + line)
            self._stream.flush()
