"""What a command writes to: the interface, and plain text on the standard streams."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from .redaction import redact
from .tables import format_table

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from contextlib import AbstractContextManager

__all__ = ["Output", "PlainOutput", "Progress"]


class Progress(Protocol):
    """A progress display."""

    def update(self, done: int, total: int | None = None) -> None:
        """Show that `done` items are done, of `total` if that is known."""


class Output(Protocol):
    """What a command writes to, and where it asks the user."""

    def line(self, text: str, style: str = "") -> None:
        """Write a line to standard output; `style` is `good`, `bad`, `warning` or empty."""

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table to standard output: ids first, and texts of any length last."""

    def json(self, value: Any) -> None:
        """Write a JSON value to standard output, as one line."""

    def note(self, text: str) -> None:
        """Write a hint to standard error, if that is a terminal."""

    def message(self, text: str) -> None:
        """Write a line that is not part of the result to standard error."""

    def error(self, text: str) -> None:
        """Write an error message to standard error, as one line."""

    def progress(self, label: str, total: int | None = None) -> AbstractContextManager[Progress]:
        """Show the progress of a long operation on standard error, if that is a terminal."""
        ...

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question on the terminal; without a terminal, the answer is yes."""
        ...


class PlainOutput:
    """Plain text on the standard streams, without progress displays."""

    def line(self, text: str, style: str = "") -> None:  # noqa: ARG002 - plain text has no styles
        """Write a line to standard output."""
        print(text)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table to standard output, within the width of a terminal."""
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for line in format_table(headings, rows, width):
            print(line)

    def json(self, value: Any) -> None:
        """Write a JSON value to standard output, as one line of ASCII."""
        print(json.dumps(value))

    def note(self, text: str) -> None:
        """Write a hint to standard error, if that is a terminal."""
        if sys.stderr.isatty():
            print(text, file=sys.stderr)

    def message(self, text: str) -> None:
        """Write a line that is not part of the result to standard error."""
        print(text, file=sys.stderr, flush=True)

    def error(self, text: str) -> None:
        """Write an error message to standard error, without API keys and passwords."""
        print(redact(text), file=sys.stderr, flush=True)

    @contextmanager
    def progress(
        self,
        label: str,  # noqa: ARG002 - nothing is shown
        total: int | None = None,  # noqa: ARG002
    ) -> Generator[Progress, None, None]:
        """Show nothing."""
        yield _NoProgress()

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question on the terminal; without a terminal, the answer is yes."""
        if sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
            return True
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")


class _NoProgress:
    """Progress that nobody sees."""

    def update(self, done: int, total: int | None = None) -> None:
        """Show nothing."""
