"""Choose how to write: with rich if it is installed, otherwise as plain text."""

from __future__ import annotations

import json
import os
import re
import sys
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ContextManager, Mapping, Optional, TextIO

from memoryos._protocol import lossless_json
from memoryos._protocol.response_fields import invalid_fields

from .formatting import one_line

if TYPE_CHECKING:
    from typing import Protocol, Sequence

    from .bars import Bar
    from .plain_output import PlainConsole
    from .rich_output import RichConsole
    from .tables import Card, Listing

    class Progress(Protocol):
        """Progress display of a long task."""

        def update(self, done: int, total: Optional[int] = None) -> None:
            """Show the number of finished steps, and the total if it is known."""

    class Console(Protocol):
        """Output of a command. Styles are the names in `tables.Cell`."""

        def listing(self, listing: Listing) -> None:
            """Print a list to standard output."""

        def card(self, card: Card) -> None:
            """Print the details of one item to standard output."""

        def line(self, text: str, style: str = "") -> None:
            """Print a line to standard output."""

        def bars(self, bars: Sequence[Bar]) -> None:
            """Print a bar chart to standard output."""

        def note(self, text: str) -> None:
            """Print a hint to standard error if it is a terminal."""

        def error(self, text: str) -> None:
            """Print a line to standard error."""

        def progress(self, label: str, total: Optional[int] = None) -> ContextManager[Progress]:
            """Show the progress of a task on standard error if it is a terminal."""
            ...


__all__ = ["LazyRichConsole", "open_console", "print_id", "print_json"]

# With these variables, rich can take any stream for a terminal.
_TERMINAL_VARIABLES = ("FORCE_COLOR", "TTY_COMPATIBLE")

_NOT_ASCII = re.compile("[^\x00-\x7e]+")
# What may control a terminal and JSON has no escapes for by itself, and unpaired surrogates.
_UNSAFE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def open_console() -> Console:
    """Return the console of this process: with rich if it is installed, otherwise plain text."""
    for stream in (sys.stdout, sys.stderr):
        _replace_unencodable_characters(stream)
    from .plain_output import PlainConsole

    plain = PlainConsole(sys.stdout, sys.stderr)
    return plain if find_spec("rich") is None else LazyRichConsole(plain)


class LazyRichConsole:
    """Console that formats with rich on terminals, and writes plain text elsewhere.

    It imports rich when it writes to a terminal: in a pipe, that would take longer than most
    commands.

    Args:
        plain: Console for streams that are not terminals.
    """

    def __init__(self, plain: PlainConsole) -> None:
        self._plain = plain

    def listing(self, listing: Listing) -> None:
        """Print a list to standard output."""
        self._console_for(sys.stdout).listing(listing)

    def card(self, card: Card) -> None:
        """Print the details of one item to standard output."""
        self._console_for(sys.stdout).card(card)

    def line(self, text: str, style: str = "") -> None:
        """Print a line to standard output."""
        self._console_for(sys.stdout).line(text, style)

    def bars(self, bars: Sequence[Bar]) -> None:
        """Print a bar chart to standard output."""
        self._console_for(sys.stdout).bars(bars)

    def note(self, text: str) -> None:
        """Print a hint to standard error if it is a terminal."""
        self._console_for(sys.stderr).note(text)

    def error(self, text: str) -> None:
        """Print a line to standard error."""
        self._console_for(sys.stderr).error(text)

    def progress(self, label: str, total: Optional[int] = None) -> ContextManager[Progress]:
        """Show the progress of a task on standard error if it is a terminal."""
        return self._console_for(sys.stderr).progress(label, total)

    def _console_for(self, stream: TextIO) -> Console:
        return self._rich if _may_be_terminal(stream) else self._plain

    @cached_property
    def _rich(self) -> RichConsole:
        from .rich_output import RichConsole

        return RichConsole(self._plain)


def print_json(value: Any) -> None:
    """Print a JSON value as one line to standard output."""
    text = lossless_json.encode(value, spaced=True).decode("utf-8")
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    unsafe = _UNSAFE if encoding == "utf8" else _NOT_ASCII
    print(unsafe.sub(lambda found: json.dumps(found[0])[1:-1], text))


def print_id(item: Mapping[str, Any]) -> None:
    """Print the id of an item to standard output.

    Raises:
        InvalidResponseError: The item has none.
    """
    item_id = item.get("id") if isinstance(item, dict) else None
    if not isinstance(item_id, str):
        raise invalid_fields("an item has no id that is a string")
    print(one_line(item_id))


def _may_be_terminal(stream: TextIO) -> bool:
    return stream.isatty() or any(name in os.environ for name in _TERMINAL_VARIABLES)


def _replace_unencodable_characters(stream: TextIO) -> None:
    """Make a stream print `?` for characters outside its encoding, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
