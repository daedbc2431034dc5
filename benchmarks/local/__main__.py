"""Measure the local Memory OS; write it into docs/local.md.

    python -m benchmarks.local [--quick] [--write]

Needs the `[local]` extra and Linux, 3 GB of disk and of memory, and matplotlib to write.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.marked import fill

from .creating import AT_ONCE, created
from .embedding import embedded
from .probing import CALLS, probe
from .report import Measured, draw, goals, report
from .starting import started
from .synthetic import POOL, extend, pool, sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .probing import Probed
    from .starting import Started

DOCUMENT = Path(__file__).parents[2] / "docs" / "local.md"

_TEXT_SEED = 3
_QUICK = {"sizes": [1000, 10_000], "creates": 300, "starts": 1, "texts": 64, "sentences": 300}


def measure(options: argparse.Namespace, folder: Path) -> Measured:
    """Measure everything, with files in `folder`."""
    load = os.getloadavg()[0]
    texts = list(dict.fromkeys(sentences(2 * options.texts, _TEXT_SEED)))[: options.texts]
    _report_progress(f"embedding {len(texts)} texts in three ways")
    by_embedding = embedded(texts)
    by_creating = []
    for at_once in AT_ONCE:
        _report_progress(f"creating {options.creates:,} memories over HTTP, {at_once} at once")
        by_creating.append(created(folder, options.creates, at_once))
    probed, by_starting = _by_size(options, folder)
    return Measured(probed, by_starting, by_creating, by_embedding, load)


def _by_size(options: argparse.Namespace, folder: Path) -> tuple[list[Probed], list[Started]]:
    from memoryos_server.embedders.minilm import MiniLM

    path, filled = folder / "memories.db", 0
    _report_progress(f"embedding {options.sentences:,} sentences to make vectors of")
    vectors = pool(MiniLM(), options.sentences)
    probed: list[Probed] = []
    by_starting: list[Started] = []
    for size in sorted(options.sizes):
        _report_progress(f"filling a file with {size:,} memories")
        extend(path, filled, size, vectors, MiniLM.name)
        filled = size
        _report_progress(f"getting and searching among {size:,}")
        probed.append(probe(path, size, options.calls))
        if size <= options.start_sizes:
            _report_progress(f"starting with {size:,}")
            by_starting.append(started(path, size, options.starts))
    return probed, by_starting


def _report_progress(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what} …", file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.local", description=__doc__)
    add = parser.add_argument
    add("--write", action="store_true", help="write docs/local.md and its plot")
    add("--quick", action="store_true", help="small sizes, in less than a minute")
    add("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    add("--start-sizes", type=int, default=100_000, help="up to which size starts are timed")
    add("--starts", type=int, default=5, help="how often a server is started")
    add("--calls", type=int, default=CALLS, help="how many gets and queries")
    add("--creates", type=int, default=5000, help="how many memories are created over HTTP")
    add("--texts", type=int, default=256, help="how many texts are embedded in each way")
    add("--sentences", type=int, default=POOL, help="how many sentences vectors are made of")
    if "--quick" in (sys.argv[1:] if arguments is None else arguments):
        parser.set_defaults(**_QUICK)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures, and write them with --write."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="memoryos-benchmark-") as folder:
        measured = measure(options, Path(folder))
    generated = report(measured, "python -m benchmarks.local" + " --quick" * options.quick)
    print(generated)
    missed = [goal.what for goal in goals(measured) if not goal.is_met]
    print(f"\nmissed: {'; '.join(missed) or 'nothing'}", file=sys.stderr)
    if options.write:
        fill(DOCUMENT, "benchmarks.local", generated)
        draw(measured.probed, DOCUMENT.with_name("local-speed.png"))


if __name__ == "__main__":
    main()
