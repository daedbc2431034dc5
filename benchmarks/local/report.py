"""The results, as Markdown and as a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchmarks.machine import describe_run
from benchmarks.marked import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .creating import Created
    from .embedding import Embedded
    from .probing import Probed
    from .starting import Started

__all__ = ["Goal", "Measured", "draw", "goals", "report"]

_GET_AT, _SEARCH_AT, _MANY = 10_000, 100_000, 1_000_000
_GIGABYTE = 1e9

_SIZES = """
By the number of memories; times are medians in milliseconds, through the SDK in the same process,
searches besides embedding the query:
""".strip()
_CREATES = """
Creates over HTTP by the asynchronous SDK from one process, on a server with the settings it comes
with but for its embedder, `hashing`, which costs next to nothing. In the end the server was killed
with `kill -9`, and a new one asked for all that had been acknowledged:
""".strip()


class Measured(NamedTuple):
    """All results.

    Attributes:
        probed: By the number of memories, ascending.
        started: The time to the first response, ascending too.
        created: By the number of concurrent creates.
        embedded: Sequentially, micro-batched, and from the cache.
        load: The load average of the minute before the start.
    """

    probed: Sequence[Probed]
    started: Sequence[Started]
    created: Sequence[Created]
    embedded: Embedded
    load: float


class Goal(NamedTuple):
    """A figure and its goal."""

    what: str
    wanted: str
    measured: str
    is_met: bool


def goals(measured: Measured) -> Iterator[Goal]:
    """Yield the goals that apply to the measured sizes."""
    by_size = {one.memories: one for one in measured.probed}
    if one := by_size.get(_GET_AT):
        yield _most(f"`get` among {_GET_AT:,}, in process", one.get_ms, 0.5, "ms")
    if one := by_size.get(_SEARCH_AT):
        yield _most(f"search among {_SEARCH_AT:,}, in process", one.search_ms, 5, "ms")
        yield _least(f"… of what an exact search finds among {_SEARCH_AT:,}", one.recall, 1)
    if one := by_size.get(_MANY):
        yield _most(f"search among {_MANY:,}, in process", one.search_ms, 50, "ms")
        yield _least(f"… of what an exact search finds among {_MANY:,}", one.recall, 0.98)
        peak = one.peak_bytes / _GIGABYTE
        yield _most(f"… memory of the process with {_MANY:,}", peak, 4, "GB")
    best = max(measured.created, key=lambda one: one.per_second)
    what = f"creates a second over HTTP, {best.at_once} at once"
    yield _least(what, best.per_second, 1000, digits=0)
    yield _most("… of them lost after `kill -9`", sum(c.lost for c in measured.created), 0, "")
    for start in measured.started:
        if start.memories == _SEARCH_AT:
            yield _most(f"start to the first answer with {_SEARCH_AT:,}", start.seconds, 1.5, "s")


def report(measured: Measured, command: str) -> str:
    """Return the generated part."""
    parts = [
        table(
            ("", "goal", "measured", "met"),
            [(*goal[:3], "yes" if goal.is_met else "no") for goal in goals(measured)],
        ),
        _SIZES,
        _sizes(measured.probed),
        "From the start of `memoryos serve`, with its model, to the answer to a search:",
        _starts(measured.started),
        _CREATES,
        _creates(measured.created),
        "Texts embedded in a second, all different; and the same ones again:",
        _embeddings(measured.embedded),
        describe_run(measured.load, command),
    ]
    return "\n\n".join(parts)


def draw(probed: Sequence[Probed], path: Path) -> None:
    """Draw the duration of calls by the number of memories."""
    from benchmarks.plotting import COLOURS, plot

    sizes = [one.memories for one in probed]
    with plot(path) as axes:
        for name, values, colour in (
            ("search", [one.search_ms for one in probed], COLOURS[0]),
            ("search: time of the processor", [one.search_cpu_ms for one in probed], COLOURS[1]),
            ("get", [one.get_ms for one in probed], COLOURS[2]),
        ):
            axes.plot(sizes, values, color=colour, marker="o", linewidth=2, label=name)
        axes.set(xscale="log", yscale="log", xlabel="memories", ylabel="milliseconds (median)")
        axes.legend()


def _most(what: str, value: float, bound: float, unit: str) -> Goal:
    return Goal(what, f"≤ {bound:g} {unit}".strip(), f"{value:.3g} {unit}".strip(), value <= bound)


def _least(what: str, value: float, bound: float, digits: int = 3) -> Goal:
    return Goal(what, f"≥ {bound:,g}", f"{value:,.{digits}f}", value >= bound)


def _sizes(probed: Sequence[Probed]) -> str:
    head = (
        "memories",
        "get",
        "search",
        "… processor",
        "first search",
        "peak memory, MB",
        "recall at 10",
    )
    rows = [
        (
            f"{one.memories:,}",
            f"{one.get_ms:.2f}",
            f"{one.search_ms:.1f}",
            f"{one.search_cpu_ms:.1f}",
            f"{one.first_search_ms:,.0f}",
            f"{one.peak_bytes / 1e6:,.0f}",
            f"{one.recall:.3f}",
        )
        for one in probed
    ]
    return table(head, rows)


def _starts(started: Sequence[Started]) -> str:
    rows = [(f"{s.memories:,}", f"{s.seconds:.2f}", f"{s.cpu_seconds:.2f}") for s in started]
    return table(("memories", "seconds", "… processor"), rows)


def _creates(created: Sequence[Created]) -> str:
    return table(
        ("at once", "created", "a second", "processor of the server, ms each", "lost"),
        [
            (
                one.at_once,
                f"{one.created:,}",
                f"{one.per_second:,.0f}",
                f"{1000 * one.server_cpu_seconds / one.created:.2f}",
                one.lost,
            )
            for one in created
        ],
    )


def _embeddings(embedded: Embedded) -> str:
    rows = [
        ("one after the other", embedded.alone),
        (f"by {embedded.threads} threads at once, run together", embedded.together),
        ("known ones", embedded.known),
    ]
    return table(
        ("", "a second", "ratio"),
        [(name, f"{rate:,.0f}", f"{rate / embedded.alone:,.2f}") for name, rate in rows],
    )
