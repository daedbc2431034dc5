"""Where commands write: plainly, or with tables and colours where a terminal and rich are there."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ContextManager, Optional, TextIO

if TYPE_CHECKING:
    from typing import Protocol, Sequence

    from .tables import Card, Listing

    class Progress(Protocol):
        """Something long, as it goes on."""

        def at(self, done: int, total: Optional[int] = None) -> None:
            """Say how many are done, and of how many where that is known."""

    class Console(Protocol):
        """What a command can show."""

        def listing(self, listing: Listing) -> None:
            """Show a list on standard output."""

        def card(self, card: Card) -> None:
            """Show one thing on standard output."""

        def line(self, text: str, style: str = "") -> None:
            """Write a line to standard output; its style is one of those of `views.Cell`."""

        def bars(self, bars: Sequence[Bar]) -> None:
            """Draw bars on standard output."""

        def note(self, text: str) -> None:
            """Say something beside the result, where a person looks on."""

        def error(self, text: str) -> None:
            """Write a line to standard error."""

        def progress(self, label: str, total: Optional[int] = None) -> ContextManager[Progress]:
            """Show how something long goes on, where a person looks on."""
            ...

    from .bars import Bar

__all__ = ["open_console", "print_json"]


def open_console() -> Console:
    """Return the screen for this process's standard streams, the richest that is installed."""
    for stream in (sys.stdout, sys.stderr):
        _replace_unencodable_characters(stream)
    from .plain_output import PlainConsole

    plain = PlainConsole(sys.stdout, sys.stderr)
    if find_spec("rich") is None:
        return plain
    from .rich_output import RichConsole

    return RichConsole(plain)


def print_json(value: Any) -> None:
    """Print a JSON value as one line on standard output."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    print(json.dumps(value, ensure_ascii=encoding != "utf8"))


def _replace_unencodable_characters(stream: TextIO) -> None:
    """Let a stream replace what its encoding has no character for, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
