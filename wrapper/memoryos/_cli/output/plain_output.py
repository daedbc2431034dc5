"""What commands show without any extra, and in pipes: text in columns, no colours."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generator, List, Optional, Sequence, TextIO

from .bars import draw_bar
from .formatting import truncate
from .plain_progress import NoProgress, PlainProgress

if TYPE_CHECKING:
    from typing import Union

    from .bars import Bar
    from .tables import Card, Heading, Listing

__all__ = ["PlainConsole", "columns"]

_GAP = "  "
_BAR_WIDTH = 30


class PlainConsole:
    """Writes plain text.

    Args:
        out: Standard output.
        err: Standard error.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err

    def listing(self, listing: Listing) -> None:
        """Show a list: one thing a line, its text last; a pipe gets all of the text."""
        width = shutil.get_terminal_size().columns if self._out.isatty() else None
        for line in columns(listing, width):
            self.line(line)

    def card(self, card: Card) -> None:
        """Show one thing: its text, then the facts below."""
        self.line(card.text)
        self.line("")
        widest = max(len(name) for name, _ in card.facts)
        for name, fact in card.facts:
            self.line(f"  {name.ljust(widest)}  {fact.text}")

    def line(self, text: str, style: str = "") -> None:  # noqa: ARG002 - plain text has no tones
        """Write a line to standard output."""
        print(text, file=self._out)

    def bars(self, bars: Sequence[Bar]) -> None:
        """Draw bars, in characters that the output's encoding has."""
        blocks = (self._out.encoding or "").lower().startswith("utf")
        widest = max(len(bar.label) for bar in bars)
        for bar in bars:
            line = draw_bar(bar.share, _BAR_WIDTH, blocks=blocks).ljust(_BAR_WIDTH)
            self.line(f"  {bar.label.ljust(widest)}  {line}  {bar.facts}")

    def note(self, text: str) -> None:
        """Say something beside the result, on standard error, where that is a terminal."""
        if self._err.isatty():
            print(text, file=self._err)

    def error(self, text: str) -> None:
        """Write a line to standard error."""
        print(text, file=self._err)

    @contextmanager
    def progress(
        self, label: str, total: Optional[int] = None
    ) -> Generator[Union[NoProgress, PlainProgress], None, None]:
        """Keep a line on standard error up to date, where that is a terminal."""
        if not self._err.isatty():
            yield NoProgress()
            return
        shown = PlainProgress(self._err, label, total)
        try:
            yield shown
        finally:
            shown.clear()


def columns(listing: Listing, width: Optional[int]) -> List[str]:
    """Return the lines of a list: ids, facts, and the text last, cut to `width` if it is given."""
    headings = [*listing.headings]
    ids = max([2, *(len(row.id) for row in listing.rows)])
    widths = [
        max([len(heading.text), *(len(row.facts[place].text) for row in listing.rows)])
        for place, heading in enumerate(headings)
    ]
    heads = [heading.text for heading in headings]
    lines = [_line("ID", heads, listing.kind.text, headings, [ids, *widths])]
    for row in listing.rows:
        facts = [fact.text for fact in row.facts]
        lines.append(_line(row.id, facts, row.text, headings, [ids, *widths]))
    return lines if width is None else [truncate(line, width) for line in lines]


def _line(
    id: str, facts: Sequence[str], text: str, headings: Sequence[Heading], widths: Sequence[int]
) -> str:
    cells = [id.ljust(widths[0])]
    for fact, heading, width in zip(facts, headings, widths[1:]):
        cells.append(fact.rjust(width) if heading.right else fact.ljust(width))
    return _GAP.join([*cells, text]).rstrip()
