"""The plots of docs/benchmarks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import LogLocator

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
# Longer bars are cut off at this ratio, so that the short ones can be compared.
_LINES = {"sync": "solid", "async": "dashed"}
_LONGEST_BAR = 3.2
_COLUMN = 4.4
# The minimum ratio between the heights of two names, on a logarithmic scale.
_APART = 1.13


def draw(results: Results, folder: Path) -> None:
    """Write all plots."""
    _calls(results, folder / "benchmarks-calls.png")
    _curve(
        results,
        [(number, f"at once {number}") for number in CONCURRENCIES],
        "calls at once",
        folder / "benchmarks-concurrency.png",
    )
    _memory(results, folder / "benchmarks-soak.png")
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
                _bar(axes, column * _COLUMN, row, peer, cost)
            axes.text(column * _COLUMN, len(found), title, va="center")
        axes.set_axis_off()
        axes.set(xlim=(0, len(groups) * _COLUMN), ylim=(-0.5, len(peers) + 0.5))


def _bar(axes: Axes, left: float, row: int, peer: str, cost: float) -> None:
    colour = _MARKED.get(peer, _REST)
    shown = min(cost, _LONGEST_BAR)
    axes.barh(row, shown, left=left, height=0.42, color=colour, alpha=1 if peer in _MARKED else 0.5)
    number = f"…{cost:.2f}" if cost > shown else f"{cost:.2f}"
    axes.text(left + shown + 0.05, row, number, va="center", fontsize=8, color=colour)
    axes.text(left, row + 0.42, peer, va="center", fontsize=7, color=colour)


def _curve(results: Results, steps: list[tuple[int, str]], label: str, path: Path) -> None:
    """Draw the cost of a call against a number, for each peer."""
    lines = {name: _line(results, steps, name) for name in LINEUP}
    lines = {name: line for name, line in lines.items() if line}
    heights = _apart({name: line[-1][1] for name, line in lines.items()})
    with plot(path, size=(8, 4.4)) as axes:
        for name, line in lines.items():
            colour = _MARKED.get(name, _REST)
            width = 2.4 if name in _MARKED else 1.0
            axes.plot(*zip(*line, strict=True), color=colour, linewidth=width, marker=".")
            axes.text(
                line[-1][0] * 1.08, heights[name], name, fontsize=8, color=colour, va="center"
            )
        axes.set(xscale="log", yscale="log", xlabel=label, ylabel="µs of CPU per call")
        axes.set_xticks([n for n, _ in steps], [f"{n:,}" for n, _ in steps])
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.minorticks_off()
        axes.margins(x=0.02)


def _memory(results: Results, path: Path) -> None:
    """Draw the memory of a process against the number of its calls, for each client."""
    if not results.soaks:
        return
    ends = _apart({f"{one.peer}, {one.kind}": one.samples[-1][1] for one in results.soaks}, 1.06)
    with plot(path, size=(8, 3.4)) as axes:
        for one in results.soaks:
            calls, megabytes, _ = zip(*one.samples, strict=True)
            colour, name = _MARKED[one.peer], f"{one.peer}, {one.kind}"
            axes.plot(calls, megabytes, color=colour, linestyle=_LINES[one.kind])
            axes.text(calls[-1] * 1.01, ends[name], name, fontsize=8, color=colour, va="center")
        axes.set(xlabel="calls", ylabel="MB of memory", ylim=(0, max(ends.values()) * 1.2))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.margins(x=0)


def _line(results: Results, steps: list[tuple[int, str]], name: str) -> list[tuple[int, float]]:
    costs = [(n, seconds(results.curves, measure, name)) for n, measure in steps]
    return [(n, figure.median * 1e6) for n, figure in costs if figure is not None]


def _apart(ends: dict[str, float], apart: float = _APART) -> dict[str, float]:
    """Return the height of each name: near the end of its line, and above the name below it."""
    placed: dict[str, float] = {}
    lowest = 0.0
    for name, end in sorted(ends.items(), key=lambda item: item[1]):
        placed[name] = max(end, lowest * apart)
        lowest = placed[name]
    return placed
