"""Tables in plain text, within the width of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["format_table"]

_GAP = "  "
_MIN_LAST_WIDTH = 12


def format_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None
) -> list[str]:
    """Return the lines of a table.

    On a terminal, columns are dropped from the right, but never the first and the last, until the
    last one has room. A line that is still too long is cut.

    Args:
        headings: Headings of the columns.
        rows: Texts of the cells.
        width: Maximum line length in characters; None for no limit.
    """
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    shown = list(range(len(headings)))
    last = min(widths[-1], _MIN_LAST_WIDTH)
    while width is not None and len(shown) > 2 and _total(widths, shown) + last > width:
        del shown[-2]
    texts = [
        _GAP.join(line[column].ljust(widths[column]) for column in shown).rstrip() for line in lines
    ]
    return [text if width is None else _cut(text, width) for text in texts]


def _total(widths: Sequence[int], shown: Sequence[int]) -> int:
    """Return the width of all columns but the last, with the gaps."""
    return sum(widths[column] + len(_GAP) for column in shown[:-1])


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 1, 0)].rstrip()}…"
