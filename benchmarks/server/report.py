"""The figures of the server as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchmarks.machine import describe_run
from benchmarks.marked import table

from .costs import OPERATIONS, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .costs import Cost
    from .starting import Start

__all__ = ["Measured", "report"]


class Measured(NamedTuple):
    """All figures, and the load average before."""

    costs: Sequence[Cost]
    starts: Sequence[Start]
    load: float


def report(measured: Measured, command: str) -> str:
    """Return the section of the document."""
    return f"""### What they cost

The CPU time of the server for a request over one connection, with metrics and log and without. What
Prometheus asks for, and whoever keeps the lines of the log, come on top:

{_cost_table(measured.costs)}

The time from the start of `memoryos serve` on a file until it prints its address, and until
`/readyz` answers 200. The first start after an installation compiles the modules of Python.

{_start_table(measured.starts)}

Medians; {describe_run(measured.load, command)}"""


def _cost_table(costs: Sequence[Cost]) -> str:
    found = {(cost.variant, cost.operation): cost.microseconds for cost in costs}
    rows = [[variant, *_cells(found, variant)] for variant in VARIANTS]
    return table(["", *OPERATIONS], rows)


def _cells(found: dict[tuple[str, str], float], variant: str) -> list[str]:
    cells = []
    for operation in OPERATIONS:
        spent, least = found[variant, operation], found["neither", operation]
        ratio = "" if variant == "neither" else f" ({spent / least:.2f} times)"
        cells.append(f"{spent:,.0f} µs{ratio}")
    return cells


def _start_table(starts: Sequence[Start]) -> str:
    rows = [
        [
            f"`--embedder {start.embedder}`{', first start' if start.is_first else ''}",
            f"{start.listening:.2f} s",
            f"{start.ready:.2f} s",
        ]
        for start in starts
    ]
    return table(["", "listening", "ready"], rows)
