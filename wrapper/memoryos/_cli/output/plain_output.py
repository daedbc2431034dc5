"""Plain text output, used in pipes and without the extra `cli`: columns, no colours."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generator, List, Optional, Sequence, TextIO

from memoryos_server.commands.redaction import redact

from .bars import draw_bar
from .formatting import clean, flat, truncate
from .plain_progress import NoProgress, PlainProgress

if TYPE_CHECKING:
    from typing import Union

    from .bars import Bar
    from .tables import Card, Heading, Listing

__all__ = ["PlainConsole", "format_columns"]

_COLUMN_GAP = "  "
_BAR_CHARACTERS = 30


class PlainConsole:
    """Console that writes plain text.

    Args:
        out: Standard output.
        err: Standard error.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err

    def listing(self, listing: Listing) -> None:
        """Print one item per line, with its text last. A terminal gets truncated lines."""
        width = shutil.get_terminal_size().columns if self._out.isatty() else None
        for line in format_columns(listing, width):
            self.line(line)

    def card(self, card: Card) -> None:
        """Print the text of an item, followed by its fields."""
        self.line(card.text)
        self.line("")
        widest = max(len(name) for name, _ in card.fields)
        for name, cell in card.fields:
            self.line(f"  {name.ljust(widest)}  {flat(cell.text)}")

    def line(self, text: str, style: str = "") -> None:  # noqa: ARG002 - plain text has no styles
        """Print a line to standard output."""
        print(clean(text), file=self._out)

    def bars(self, bars: Sequence[Bar]) -> None:
        """Print a bar chart, with block characters if the output is Unicode."""
        blocks = (self._out.encoding or "").lower().startswith("utf")
        labels = [flat(bar.label) for bar in bars]
        widest = max(map(len, labels))
        for label, bar in zip(labels, bars):
            line = draw_bar(bar.share, _BAR_CHARACTERS, blocks=blocks).ljust(_BAR_CHARACTERS)
            self.line(f"  {label.ljust(widest)}  {line}  {flat(bar.text)}")

    def note(self, text: str) -> None:
        """Print a hint to standard error if it is a terminal."""
        if self._err.isatty():
            print(clean(text), file=self._err)

    def error(self, text: str) -> None:
        """Print a line to standard error, without API keys and passwords."""
        print(redact(clean(text)), file=self._err)

    @contextmanager
    def progress(
        self, label: str, total: Optional[int] = None
    ) -> Generator[Union[NoProgress, PlainProgress], None, None]:
        """Show a progress line on standard error if it is a terminal."""
        if not self._err.isatty():
            yield NoProgress()
            return
        shown = PlainProgress(self._err, label, total)
        try:
            yield shown
        finally:
            shown.clear()


def format_columns(listing: Listing, width: Optional[int]) -> List[str]:
    """Return the lines of a list: heading, then id, cells and text of each row.

    Args:
        listing: The list.
        width: Maximum line length in characters; None for no limit.
    """
    headings = [*listing.headings]
    text_width = min(
        listing.min_text_width, max((len(flat(row.text)) for row in listing.rows), default=0)
    )
    ids = [flat(row.id) for row in listing.rows]
    rows = [[flat(cell.text) for cell in row.cells] for row in listing.rows]
    widths = [
        max([2, *map(len, ids)]),
        *(
            max([len(heading.text), *(len(texts[column]) for texts in rows)])
            for column, heading in enumerate(headings)
        ),
    ]
    # Cells are dropped from the right.
    while width is not None and text_width and headings and _total(widths) + text_width > width:
        headings.pop()
        widths.pop()
    heads = [heading.text for heading in headings]
    lines = [_line("ID", heads, listing.text_heading, headings, widths)]
    for row_id, texts, row in zip(ids, rows, listing.rows):
        lines.append(_line(row_id, texts, flat(row.text), headings, widths))
    return lines if width is None else [truncate(line, width) for line in lines]


def _total(widths: Sequence[int]) -> int:
    """Return the width of the columns before the texts, with the gaps."""
    return sum(widths) + len(_COLUMN_GAP) * len(widths)


def _line(
    id: str, texts: Sequence[str], text: str, headings: Sequence[Heading], widths: Sequence[int]
) -> str:
    cells = [id.ljust(widths[0])]
    for cell, heading, width in zip(texts, headings, widths[1:]):
        cells.append(cell.rjust(width) if heading.right else cell.ljust(width))
    return _COLUMN_GAP.join([*cells, text]).rstrip()
