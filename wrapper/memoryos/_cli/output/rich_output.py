"""What commands show on a terminal with the extra `cli`: tables, colours, progress bars."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Generator, List, Optional, Sequence

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from .bars import draw_bar
from .formatting import duration, number

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
_BAR_WIDTH = 40
_LEAST_ROOM = 36  # a UUID
_MOST_LINES = 2
# What the table draws beside a column of facts, and around the first one.
_BESIDE, _AROUND = 3, 4


class RichConsole:
    """Writes for people on a terminal; what is not a terminal gets plain text.

    Args:
        plain: The screen for streams that are not terminals.
    """

    def __init__(self, plain: PlainConsole) -> None:
        self._plain = plain
        self._out = Console(highlight=False, markup=False, emoji=False)
        self._err = Console(stderr=True, highlight=False, markup=False, emoji=False)

    def listing(self, listing: Listing) -> None:
        """Show a list as a table: the text with its id below, and the facts beside them."""
        if not self._out.is_terminal:
            self._plain.listing(listing)
            return
        widths = _widths(listing)
        while widths and _room(self._out.width, widths) < _LEAST_ROOM:
            widths.pop()  # an id that is cut can't be copied: rather a fact less
        self._out.print(_table(listing, len(widths), self._out))

    def card(self, card: Card) -> None:
        """Show one thing: its text in a frame, the facts below."""
        if not self._out.is_terminal:
            self._plain.card(card)
            return
        facts = Table.grid(padding=(0, 2))
        facts.add_column(style="dim", no_wrap=True)
        facts.add_column(overflow="fold")
        for name, fact in card.facts:
            facts.add_row(name, Text(fact.text, _style(fact.style)))
        self._out.print(Panel(Text(card.text), box=ROUNDED, border_style="dim", padding=(0, 1)))
        self._out.print(Padding(facts, (0, 2)))

    def line(self, text: str, style: str = "") -> None:
        """Write a line to standard output."""
        if self._out.is_terminal:
            self._out.print(Text(text, _style(style)), soft_wrap=True)
        else:
            self._plain.line(text, style)

    def bars(self, bars: Sequence[Bar]) -> None:
        """Draw bars."""
        if not self._out.is_terminal:
            self._plain.bars(bars)
            return
        width = max(10, min(_BAR_WIDTH, self._out.width - 50))
        blocks = self._out.encoding.startswith("utf")
        grid = Table.grid(padding=(0, 2))
        for bar in bars:
            drawing = draw_bar(bar.share, width, blocks=blocks).ljust(width)
            grid.add_row(
                Text(bar.label, "bold"),
                Text.assemble((drawing, f"{_style(bar.style)} on grey15")),
                Text(bar.facts),
            )
        self._out.print(Padding(grid, (0, 2)))

    def note(self, text: str) -> None:
        """Say something beside the result, on standard error, where that is a terminal."""
        if self._err.is_terminal:
            self._err.print(Text(text, "dim"), soft_wrap=True)

    def error(self, text: str) -> None:
        """Write a line to standard error."""
        if self._err.is_terminal:
            self._err.print(Text(text, "red"), soft_wrap=True)
        else:
            self._plain.error(text)

    @contextmanager
    def progress(
        self, label: str, total: Optional[int] = None
    ) -> Generator[_RichProgress | PlainProgress | NoProgress, None, None]:
        """Show a progress bar on standard error, where that is a terminal."""
        if not self._err.is_terminal or self._err.is_dumb_terminal:
            with self._plain.progress(label, total) as shown:
                yield shown
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            _CountColumn(""),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
        )
        with Progress(*columns, console=self._err, transient=True) as bar:
            yield _RichProgress(bar, bar.add_task(label, total=total))


def _widths(listing: Listing) -> List[int]:
    """Return how wide each column of facts is."""
    return [
        max([len(heading.text), *(cell_len(row.facts[place].text) for row in listing.rows)])
        for place, heading in enumerate(listing.headings)
    ]


def _room(width: int, facts: Sequence[int]) -> int:
    """Return how wide the first column can be, beside columns of facts."""
    return width - sum(facts) - _BESIDE * len(facts) - _AROUND


def _table(listing: Listing, facts: int, console: Console) -> Table:
    """Return a table: each text with its id below, and so many facts beside them."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", expand=True)
    table.add_column(listing.kind.text, ratio=1)
    for heading in listing.headings[:facts]:
        table.add_column(heading.text, justify="right" if heading.right else "left", no_wrap=True)
    room = _room(console.width, _widths(listing)[:facts])
    for row in listing.rows:
        first = Text.assemble(_two_lines(row.text, room, console), "\n", (row.id, "dim"))
        shown = (Text(fact.text, _style(fact.style)) for fact in row.facts[:facts])
        table.add_row(first, *shown)
    return table


def _two_lines(text: str, room: int, console: Console) -> Text:
    """Return a text wrapped to two lines at most, with an ellipsis where some is left out."""
    lines = list(Text(text).wrap(console, room))
    if len(lines) > _MOST_LINES:
        last = Text(f"{lines[_MOST_LINES - 1].plain.rstrip()} …")
        last.truncate(room, overflow="ellipsis")
        lines[_MOST_LINES - 1 :] = [last]
    return Text("\n").join(line.copy() for line in lines)


class _CountColumn(TextColumn):
    """How many are done, of how many, and how many a second."""

    def render(self, task: Task) -> Text:
        """Return the text for a task."""
        return Text(counted(int(task.completed), task.total, task.speed), "cyan")


def counted(done: int, total: Optional[float], speed: Optional[float]) -> str:
    """Return how many are done, of how many, and how many a second, as far as it is known."""
    parts = [number(done) if total is None else f"{number(done)} of {number(int(total))}"]
    if speed:
        parts.append(f"{speed:,.0f}/s" if speed >= 1 else f"one in {duration(1 / speed)}")
    return ", ".join(parts)


class _RichProgress:
    """Moves one bar."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def at(self, done: int, total: Optional[int] = None) -> None:
        """Say how many are done, and of how many where that is known."""
        if total is None:
            self._bar.update(self._task, completed=done)
        else:
            self._bar.update(self._task, completed=done, total=total)


def _style(style: str) -> str:
    return STYLES.get(style, "")
