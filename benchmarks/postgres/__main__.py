"""Measure the throughput of the local Memory OS on SQLite and PostgreSQL; for docs/postgres.md.

    python -m benchmarks.postgres [--before FOLDER] [--count N] [--rounds N] [--write]

--before names a checkout of this repository that is measured in the same rounds. Linux only. The
PostgreSQL is that of the tests (requirements/test.txt), with its files in memory where /dev/shm
has room, so a commit waits for no disk.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import describe
from benchmarks.marked import fill

from . import report
from .embedding import texts_per_second
from .round_trips import proxy
from .servers import ROOT, SETTINGS, running, serving, source_path
from .throughput import CONNECTIONS, Setup, measure, send_one_by_one

if TYPE_CHECKING:
    from postgres import Cluster

DOCUMENT = ROOT / "docs" / "postgres.md"
SETUPS = (
    Setup("SQLite", 1, "hashing"),
    Setup("PostgreSQL", 1, "hashing"),
    Setup("PostgreSQL", 4, "hashing"),
    Setup("SQLite", 1, "minilm"),
    Setup("PostgreSQL", 4, "minilm"),
)
_SINGLE_REQUESTS = 50
_PROFILED_REQUESTS = 400


def main() -> None:
    """Print the tables, and write them with --write."""
    options = _options()
    load = os.getloadavg()[0]
    sources = {"now": ROOT}
    if options.before:
        sources = {"before": options.before.resolve(), **sources}
    measured = {}
    with tempfile.TemporaryDirectory() as folder, running(SETTINGS) as cluster:
        names = itertools.count()

        def new_place(store: str) -> str:
            if store == "PostgreSQL":
                return cluster.make_database()
            return str(Path(folder, f"{next(names)}.db"))

        for setup in SETUPS[: options.setups]:
            _report_progress(f"{setup.store}, {setup.processes} processes, {setup.embedder}")
            measured[setup] = measure(
                setup,
                sources,
                lambda: new_place(setup.store),  # noqa: B023 - called at once
                count=options.count,
                rounds=options.rounds,
            )
        _report_progress("round trips")
        trips = {name: _trips(cluster, source) for name, source in sources.items()}
        _report_progress("profiles")
        phases = {
            store: {name: _phases(source, new_place(store)) for name, source in sources.items()}
            for store in ("SQLite", "PostgreSQL")
        }
        _report_progress("embedding")
        embedding = texts_per_second(options.count // 4)
    written = report.report(
        measured,
        trips,
        phases,
        embedding,
        count=options.count,
        rounds=options.rounds,
        connections=CONNECTIONS,
        machine=f"{describe()}. Load average at the start: {load:.1f}.",
    )
    print(written)
    if options.write:
        fill(DOCUMENT, "benchmarks.postgres.throughput", written)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.postgres")
    add = parser.add_argument
    add("--before", type=Path, metavar="FOLDER", help="a checkout to compare with")
    add("--count", type=int, default=2000, help="requests per round (default: %(default)s)")
    add(
        "--rounds", type=int, default=3, help="rounds; the middle one counts (default: %(default)s)"
    )
    add("--setups", type=int, default=len(SETUPS), help="measure only the first N setups")
    add("--write", action="store_true", help="write docs/postgres.md")
    return parser.parse_args()


def _trips(cluster: Cluster, source: Path) -> dict[str, float]:
    """Return the round trips to PostgreSQL per request of each operation."""
    with (
        tempfile.TemporaryDirectory() as folder,
        proxy(cluster.make_database(), Path(folder)) as passing,
        serving(source, passing.url, processes=1, embedder="hashing") as servers,
    ):
        trips = {}
        for name, send in send_one_by_one(servers, _SINGLE_REQUESTS).items():
            before = passing.trips
            send()
            trips[name] = (passing.trips - before) / _SINGLE_REQUESTS
        return trips


def _phases(source: Path, place: str) -> dict[str, dict[str, float]]:
    """Return milliseconds per request by operation and part of the server."""
    command = [sys.executable, "-m", "benchmarks.postgres.phases", place, str(_PROFILED_REQUESTS)]
    environment = {**os.environ, "PYTHONPATH": source_path(source)}
    printed = subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    phases: dict[str, dict[str, float]] = json.loads(printed)
    return phases


def _report_progress(what: str) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
