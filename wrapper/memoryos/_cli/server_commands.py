"""Adapter for the subcommands that the server brings along: the same output and errors as ours."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, ContextManager, Optional, Sequence

from memoryos._extras import MissingExtraError
from memoryos_server import commands

from .confirmation import is_confirmed
from .output.console import open_console, print_json
from .output.tables import Cell, Heading, Listing, Row

if TYPE_CHECKING:
    import argparse

    from .output.console import Console, Progress

__all__ = ["ConsoleOutput", "configure", "run"]

# Such as the name of a key.
_MIN_TEXT_WIDTH = 12


def configure(name: str, parser: argparse.ArgumentParser) -> None:
    """Add the options of one of the server's commands.

    Raises:
        MissingExtraError: This Python is too old for it.
    """
    try:
        commands.configure(name, parser)
    except commands.MissingExtraError as error:
        raise MissingExtraError(str(error)) from error


def run(name: str, options: argparse.Namespace) -> int:
    """Run one of the server's commands and return the exit status.

    Raises:
        MissingExtraError: The extra that it needs is not installed.
    """
    try:
        return commands.run(name, options, ConsoleOutput())
    except commands.MissingExtraError as error:
        raise MissingExtraError(str(error)) from error


class ConsoleOutput:
    """The `memoryos_server.commands.output.Output` that writes as the SDK's commands do."""

    @cached_property
    def _console(self) -> Console:
        return open_console()  # when it is first needed, because rich takes a while to import

    def line(self, text: str, style: str = "") -> None:
        """Write a line to standard output."""
        self._console.line(text, style)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table to standard output: ids first, and texts of any length last."""
        listing = Listing(
            headings[-1],
            [Heading(heading) for heading in headings[1:-1]],
            [Row(row[-1], row[0], tuple(Cell(text) for text in row[1:-1])) for row in rows],
            min_text_width=_MIN_TEXT_WIDTH,
        )
        self._console.listing(listing)

    def json(self, value: Any) -> None:
        """Write a JSON value to standard output, as one line."""
        print_json(value)

    def note(self, text: str) -> None:
        """Write a hint to standard error, if that is a terminal."""
        self._console.note(text)

    def message(self, text: str) -> None:
        """Write a line that is not part of the result to standard error."""
        print(text, file=sys.stderr, flush=True)

    def error(self, text: str) -> None:
        """Write an error message to standard error, as one line."""
        self._console.error(text)

    def progress(self, label: str, total: Optional[int] = None) -> ContextManager[Progress]:
        """Show the progress of a long operation on standard error, if that is a terminal."""
        return self._console.progress(label, total)

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question on the terminal; without a terminal, the answer is yes."""
        return is_confirmed(question)
