"""The plots of docs/benchmarks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.plotting import COLOURS, plot

from .figures import ratios, seconds
from .lineup import BASE, FAST, LINEUP, OWN
from .measures import CONCURRENCIES, LENGTHS

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from .results import Results

__all__ = ["draw"]

_REST = "#808080"
_MARKED = {BASE: COLOURS[2], OWN: COLOURS[0], FAST: COLOURS[1]}
# Beyond this ratio a bar is cut off, so that the small ones can be told apart.
_LONGEST_BAR = 3.2


def draw(results: Results, folder: Path) -> None:
    """Write all plots."""
    _calls(results, folder / "benchmarks-calls.png")
    _curve(
        results,
        [(number, f"at once {number}") for number in CONCURRENCIES],
        "calls at once",
        folder / "benchmarks-concurrency.png",
    )
    _curve(
        results,
        [(number, f"list {number}") for number in LENGTHS],
        "memories in the list",
        folder / "benchmarks-lengths.png",
    )


def _calls(results: Results, path: Path) -> None:
    """Draw a group of bars for each call."""
    groups = (("create", "create"), ("search", "search"), ("list", "list of 100"))
    peers = [name for name, peer in LINEUP.items() if peer.blocking]
    with plot(path, size=(8, 4.6)) as axes:
        for column, (measure, title) in enumerate(groups):
            costs = [(peer, ratios(results.samples, measure, peer)) for peer in peers]
            found = [(peer, figure.median) for peer, figure in costs if figure is not None]
            found.sort(key=lambda cost: -cost[1])
            for row, (peer, cost) in enumerate(found):
                _bar(axes, column * (_LONGEST_BAR + 1.6), row, peer, cost)
            axes.text(column * (_LONGEST_BAR + 1.6), len(found), title, va="center")
        axes.set_axis_off()
        axes.set_title("CPU per call, httpx = 1", loc="left")


def _bar(axes: Axes, left: float, row: int, peer: str, cost: float) -> None:
    colour = _MARKED.get(peer, _REST)
    shown = min(cost, _LONGEST_BAR)
    axes.barh(row, shown, left=left, height=0.42, color=colour, alpha=1 if peer in _MARKED else 0.5)
    cut = "…" if cost > shown else ""
    axes.text(left + shown + 0.05, row, f"{cut}{cost:.2f}", va="center", fontsize=8, color=colour)
    axes.text(left, row + 0.42, peer, va="center", fontsize=7, color=colour)


def _curve(results: Results, steps: list[tuple[int, str]], label: str, path: Path) -> None:
    """Draw the cost of a call over a number, for each peer."""
    with plot(path, size=(8, 4.4)) as axes:
        for name in LINEUP:
            costs = [(n, seconds(results.curves, measure, name)) for n, measure in steps]
            points = [(n, figure.median * 1e6) for n, figure in costs if figure is not None]
            if not points:
                continue
            colour = _MARKED.get(name, _REST)
            width = 2.4 if name in _MARKED else 1.0
            axes.plot(*zip(*points, strict=True), color=colour, linewidth=width, marker=".")
            axes.annotate(
                name,
                points[-1],
                xytext=(6, 0),
                textcoords="offset points",
                fontsize=8,
                color=colour,
                va="center",
            )
        axes.set(xscale="log", yscale="log", xlabel=label, ylabel="µs of CPU per call")
        axes.set_xticks([n for n, _ in steps], [f"{n:,}" for n, _ in steps])
        axes.minorticks_off()
        axes.margins(x=0.02)
