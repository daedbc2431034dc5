"""Measure `memoryos serve`: its start, and the cost of its metrics and its log.

    python -m benchmarks.server [--quick] [--write]

Needs the `[local]` extra and Linux. `--write` writes docs/guides/observing.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.marked import fill

from .costs import costs
from .report import Measured, report
from .starting import start_times

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCUMENT = Path(__file__).parents[2] / "docs" / "guides" / "observing.md"
_EMBEDDERS = ("none", "minilm")


def measure(options: argparse.Namespace, folder: Path) -> Measured:
    """Measure everything, with files in `folder`."""
    load = os.getloadavg()[0]
    measured = costs(folder, options.rounds, options.requests)
    starts = [
        start_times(folder, embedder, options.starts, is_first=is_first)
        for embedder in options.embedders
        for is_first in (False, True)
    ]
    return Measured(measured, starts, load)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures, and write them with --write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    add = parser.add_argument
    add("--write", action="store_true", help="write docs/guides/observing.md")
    add("--quick", action="store_true", help="few requests and starts, in half a minute")
    add("--rounds", type=int, default=15, help="how often each server is measured")
    add("--requests", type=int, default=300, help="how many requests each time")
    add("--starts", type=int, default=5, help="how often a server is started")
    add("--embedders", nargs="+", default=_EMBEDDERS, help="the embedders to start with")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.requests, options.starts = 2, 50, 1
    with tempfile.TemporaryDirectory(prefix="memoryos-benchmark-") as folder:
        measured = measure(options, Path(folder))
    arguments = sys.argv[1:] if arguments is None else arguments
    given = [option for option in arguments if option != "--write"]
    generated = report(measured, " ".join(["python -m benchmarks.server", *given]))
    print(generated)
    if options.write:
        fill(DOCUMENT, "benchmarks.server", generated)


if __name__ == "__main__":
    main()
