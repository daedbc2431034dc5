"""Output with rich, on a terminal with the extra `cli`: tables, colours and progress bars."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Generator, List, Optional, Sequence

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.table import Table
from rich.text import Text

from memoryos_server.commands.redaction import redact

from .bars import draw_bar
from .formatting import clean, duration, flat, number

if TYPE_CHECKING:
    from rich.progress import TaskID

    from .bars import Bar
    from .plain_output import PlainConsole
    from .plain_progress import NoProgress, PlainProgress
    from .tables import Card, Listing

__all__ = ["RichConsole"]

STYLES = {
    "faint": "dim",
    "strong": "bold",
    "good": "green",
    "bad": "red",
    "warning": "yellow",
    "short": "yellow",
    "medium": "cyan",
    "long": "green",
}
_MIN_BAR_WIDTH, _MAX_BAR_WIDTH = 10, 40
_BAR_TEXT_WIDTH = 50  # reserved for the text around a bar
_MIN_TEXT_WIDTH = 36  # a UUID must not be truncated, so that it can be copied
_MAX_TEXT_LINES = 2
# Characters that rich draws beside each column of cells, and around the first column.
_COLUMN_PADDING, _TABLE_PADDING = 3, 4


class RichConsole:
    """Console that formats with rich on terminals, and writes plain text elsewhere.

    Args:
        plain: Console for streams that are not terminals.
    """

    def __init__(self, plain: PlainConsole) -> None:
        self._plain = plain
        self._out = Console(highlight=False, markup=False, emoji=False)
        self._err = Console(stderr=True, highlight=False, markup=False, emoji=False)

    def listing(self, listing: Listing) -> None:
        """Print a table: each text with its id below, and the cells beside them.

        Columns are dropped from the right until a whole id, and the least text, fits.
        """
        if not self._out.is_terminal:
            self._plain.listing(listing)
            return
        widths = _column_widths(listing)
        least = listing.min_text_width or _MIN_TEXT_WIDTH
        while widths and _text_width(self._out.width, widths) < least:
            widths.pop()
        self._out.print(_table(listing, len(widths), self._out))

    def card(self, card: Card) -> None:
        """Print the text of an item in a frame, followed by its fields."""
        if not self._out.is_terminal:
            self._plain.card(card)
            return
        fields = Table.grid(padding=(0, 2))
        fields.add_column(style="dim", no_wrap=True)
        fields.add_column(overflow="fold")
        for name, cell in card.fields:
            fields.add_row(name, Text(flat(cell.text), _style(cell.style)))
        self._out.print(
            Panel(Text(clean(card.text)), box=ROUNDED, border_style="dim", padding=(0, 1))
        )
        self._out.print(Padding(fields, (0, 2)))

    def line(self, text: str, style: str = "") -> None:
        """Print a line to standard output."""
        if self._out.is_terminal:
            self._out.print(Text(clean(text), _style(style)), soft_wrap=True)
        else:
            self._plain.line(text, style)

    def bars(self, bars: Sequence[Bar]) -> None:
        """Print a bar chart."""
        if not self._out.is_terminal:
            self._plain.bars(bars)
            return
        width = max(_MIN_BAR_WIDTH, min(_MAX_BAR_WIDTH, self._out.width - _BAR_TEXT_WIDTH))
        blocks = self._out.encoding.startswith("utf")
        grid = Table.grid(padding=(0, 2))
        for bar in bars:
            drawing = draw_bar(bar.share, width, blocks=blocks).ljust(width)
            grid.add_row(
                Text(flat(bar.label), "bold"),
                Text.assemble((drawing, f"{_style(bar.style)} on grey15")),
                Text(flat(bar.text)),
            )
        self._out.print(Padding(grid, (0, 2)))

    def note(self, text: str) -> None:
        """Print a hint to standard error if it is a terminal."""
        if self._err.is_terminal:
            self._err.print(Text(clean(text), "dim"), soft_wrap=True)

    def error(self, text: str) -> None:
        """Print a line to standard error, without API keys and passwords."""
        if self._err.is_terminal:
            self._err.print(Text(redact(clean(text)), "red"), soft_wrap=True)
        else:
            self._plain.error(text)

    @contextmanager
    def progress(
        self, label: str, total: Optional[int] = None
    ) -> Generator[_RichProgress | PlainProgress | NoProgress, None, None]:
        """Show a progress bar on standard error if it is a terminal."""
        if not self._err.is_terminal or self._err.is_dumb_terminal:
            with self._plain.progress(label, total) as shown:
                yield shown
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            _CountColumn(""),
            _TimeLeftColumn(),
        )
        with Progress(*columns, console=self._err, transient=True) as bar:
            yield _RichProgress(bar, bar.add_task(label, total=total))


def _column_widths(listing: Listing) -> List[int]:
    """Return the width of each column of cells, in characters."""
    return [
        max([len(heading.text), *(cell_len(flat(row.cells[column].text)) for row in listing.rows)])
        for column, heading in enumerate(listing.headings)
    ]


def _text_width(width: int, columns: Sequence[int]) -> int:
    """Return the width that remains for the first column beside columns of cells."""
    return width - sum(columns) - _COLUMN_PADDING * len(columns) - _TABLE_PADDING


def _table(listing: Listing, columns: int, console: Console) -> Table:
    """Return a table of each row's text, its id below, and its first `columns` cells."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", expand=True)
    table.add_column(listing.text_heading, ratio=1)
    for heading in listing.headings[:columns]:
        table.add_column(heading.text, justify="right" if heading.right else "left", no_wrap=True)
    width = _text_width(console.width, _column_widths(listing)[:columns])
    for row in listing.rows:
        first = Text.assemble(_wrap(flat(row.text), width, console), "\n", (flat(row.id), "dim"))
        cells = (Text(flat(cell.text), _style(cell.style)) for cell in row.cells[:columns])
        table.add_row(first, *cells)
    return table


def _wrap(text: str, width: int, console: Console) -> Text:
    """Return a text wrapped to at most two lines, with an ellipsis if some is omitted."""
    lines = list(Text(text).wrap(console, width))
    if len(lines) > _MAX_TEXT_LINES:
        last = Text(f"{lines[_MAX_TEXT_LINES - 1].plain.rstrip()} …")
        last.truncate(width, overflow="ellipsis")
        lines[_MAX_TEXT_LINES - 1 :] = [last]
    return Text("\n").join(line.copy() for line in lines)


class _CountColumn(TextColumn):
    """Progress column with the finished steps, the total and the rate."""

    def render(self, task: Task) -> Text:
        """Return the text of the column."""
        return Text(format_count(int(task.completed), task.total, task.speed), "cyan")


class _TimeLeftColumn(ProgressColumn):
    """Progress column with the time left; empty while that is unknown."""

    max_refresh = 0.5  # seconds, so that the time stays readable

    def render(self, task: Task) -> Text:
        """Return the text of the column."""
        return Text(format_time_left(task.time_remaining), "cyan")


def format_time_left(seconds: Optional[float]) -> str:
    """Return the time left as text: `40 s left`; empty if it is unknown."""
    return "" if seconds is None else f"{duration(seconds)} left"


def format_count(done: int, total: Optional[float], speed: Optional[float]) -> str:
    """Return finished steps, total and rate as text, as far as they are known.

    Args:
        done: Number of finished steps.
        total: Total number of steps, or None if it is unknown.
        speed: Steps per second, or None if it is unknown.
    """
    parts = [number(done) if total is None else f"{number(done)} of {number(int(total))}"]
    if speed:
        parts.append(f"{speed:,.0f}/s" if speed >= 1 else f"one in {duration(1 / speed)}")
    return ", ".join(parts)


class _RichProgress:
    """Progress bar of one task."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def update(self, done: int, total: Optional[int] = None) -> None:
        """Show the number of finished steps, and the total if it is known."""
        if total is None:
            self._bar.update(self._task, completed=done)
        else:
            self._bar.update(self._task, completed=done, total=total)


def _style(name: str) -> str:
    return STYLES.get(name, "")
