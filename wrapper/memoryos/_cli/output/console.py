"""Choose how to write: with rich if it is installed, otherwise as plain text."""

from __future__ import annotations

import json
import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ContextManager, Mapping, Optional, TextIO

from memoryos._protocol import lossless_json
from memoryos._protocol.response_fields import invalid_fields

from .formatting import one_line

if TYPE_CHECKING:
    from typing import Protocol, Sequence

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

    from .bars import Bar

__all__ = ["open_console", "print_id", "print_json"]

_NOT_ASCII = re.compile("[^\x00-\x7e]+")
# What may control a terminal and JSON has no escapes for by itself, and unpaired surrogates.
_UNSAFE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def open_console() -> Console:
    """Return the console of this process: with rich if it is installed, otherwise plain text."""
    for stream in (sys.stdout, sys.stderr):
        _replace_unencodable_characters(stream)
    from .plain_output import PlainConsole

    plain = PlainConsole(sys.stdout, sys.stderr)
    if find_spec("rich") is None:
        return plain
    from .rich_output import RichConsole

    return RichConsole(plain)


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


def _replace_unencodable_characters(stream: TextIO) -> None:
    """Make a stream print `?` for characters outside its encoding, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
