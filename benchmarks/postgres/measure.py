"""Measure the speed and the recall of searches on PostgreSQL, for docs/postgres.md.

usage: python benchmarks/postgres/measure.py [--url URL] [--sizes 10000 100000] [--json FILE]
           [--write]

Without --url it starts the PostgreSQL of the tests (requirements/test.txt). With it, any server
with pgvector will do; the database `memoryos_benchmark` is created there, and dropped at the end.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from unittest.mock import patch

import numpy as np
import psycopg

from memoryos_server.model.records import Selection
from memoryos_server.search.index.memory_index import AnalyzedQuery
from memoryos_server.search.text_analysis import analyze_query
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.postgres import search, vectors
from memoryos_server.stores.postgres.store import PostgresStore

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "tests"), str(ROOT)]

import data  # noqa: E402 - beside this file
import loading  # noqa: E402 - beside this file

from benchmarks.marked import fill, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

DOCUMENT = ROOT / "docs" / "postgres.md"
QUERIES = 100
FOUND = 20
CANDIDATES = 200  # the number of candidates that the service requests in a search for 20
OWNERS = 100
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "1GB",
    "maintenance_work_mem": "768MB",
    "max_wal_size": "4GB",
}


@dataclass
class Row:
    """A row of the table."""

    case: str
    memories: int
    p50_ms: float
    p95_ms: float
    recall: float


def main() -> int:
    options = _options()
    rows: list[Row] = []
    builds = {}
    for size in options.sizes:
        with _database(options.url) as url:
            builds[size] = _fill(url, size)
            rows += _measured(url, size)
    said = _report(rows, builds)
    print(said)
    if options.write:
        fill(DOCUMENT, "benchmarks.postgres", said)
    if options.json:
        told = {"rows": [asdict(row) for row in rows], "index_seconds": builds}
        Path(options.json).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="a server with pgvector (default: one of its own)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--json", help="a file to write the figures to")
    parser.add_argument("--write", action="store_true", help="write docs/postgres.md")
    return parser.parse_args()


@contextlib.contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url is None:
        from postgres import running

        with running(SETTINGS) as cluster:
            yield cluster.make_database()
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE memoryos_benchmark")
        try:
            parameters = {**psycopg.conninfo.conninfo_to_dict(url), "dbname": "memoryos_benchmark"}
            yield f"postgresql:///?{'&'.join(f'{k}={v}' for k, v in parameters.items())}"
        finally:
            connection.execute("DROP DATABASE memoryos_benchmark WITH (FORCE)")


def _fill(url: str, size: int) -> float:
    """Store one owner's memories and a tenth as many of others; return the index's build time."""
    with contextlib.closing(PostgresStore(Address(url), embedder=None)) as store:
        store.list_keys()  # creates the tables
    with psycopg.connect(url, autocommit=True) as connection:
        loading.prepare(connection, data.DIMENSION)
        loading.load(connection, data.made("one", size, 0, seed=1))
        for number in range(OWNERS):
            made = data.made(f"other {number}", size // OWNERS // 10, 0, seed=2 + number)
            loading.load(connection, made)
        return loading.build_index(connection)


def _measured(url: str, size: int) -> Iterator[Row]:
    made = data.made("one", size, QUERIES, seed=1)
    probes = [
        AnalyzedQuery(vector, *analyze_query(text))
        for text, vector in zip(made.queries, made.query_vectors, strict=True)
    ]
    now = data.START + timedelta(days=30)
    selections = {
        "search": Selection(owner="one", now=now),
        "search in a tier with a tenth": Selection(owner="one", now=now, tier="medium"),
        "search for a nature with a hundredth": Selection(
            owner="one", now=now, memory_nature="semantic"
        ),
    }
    store = PostgresStore(Address(url), embedder=loading.EMBEDDER)
    with contextlib.closing(store):
        for name, selection in selections.items():
            yield _searched(store, name, size, selection, probes)
        yield _indexed(store, size, selections["search"], probes)
        yield _worded(store, size, selections["search"], made.queries)


def _searched(
    store: PostgresStore, name: str, size: int, selection: Selection, probes: list[AnalyzedQuery]
) -> Row:
    """Search as the service does, without embedding the query."""

    def find(query: AnalyzedQuery) -> list[int]:
        numbers: list[int] = store.search(selection, query, CANDIDATES).numbers.tolist()
        return numbers[:FOUND]

    def find_by_all(query: AnalyzedQuery) -> list[int]:
        with patch.object(search, "MAX_MEMORIES_COMPARED_IN_FULL", 10**9):
            return find(query)

    return _compared(name, size, probes, find, find_by_all)


def _indexed(
    store: PostgresStore, size: int, selection: Selection, probes: list[AnalyzedQuery]
) -> Row:
    """Search with the vector index alone."""

    def find(query: AnalyzedQuery) -> list[int]:
        with store._database.read() as connection:  # noqa: SLF001 - a part of a search
            return vectors.nearest(connection, selection, query.vector, FOUND)

    def find_by_all(query: AnalyzedQuery) -> list[int]:
        with patch.object(vectors, "MAX_INDEXED_DIMENSION", 0):
            return find(query)

    return _compared("the index of vectors alone", size, probes, find, find_by_all)


def _worded(store: PostgresStore, size: int, selection: Selection, queries: list[str]) -> Row:
    """Search without an embedder."""

    def find(query: str) -> list[int]:
        return [number for number, _ in store.match_words(selection, query.split(), FOUND)]

    return _compared("search by words", size, queries, find, find)


def _compared(
    name: str,
    size: int,
    asked: list[T],
    find: Callable[[T], list[int]],
    find_by_all: Callable[[T], list[int]],
) -> Row:
    """Time a search for every query, and compare its results with those of an exact search."""
    find(asked[0])
    seconds, shares = [], []
    for one in asked:
        started = time.perf_counter()
        found = find(one)
        seconds.append(time.perf_counter() - started)
        best = find_by_all(one)
        shares.append(len({*found} & {*best}) / max(1, len(best)))
    p50, p95 = (round(1000 * float(np.percentile(seconds, part)), 1) for part in (50, 95))
    return Row(name, size, p50, p95, round(float(np.mean(shares)), 3))


def _report(rows: list[Row], builds: dict[int, float]) -> str:
    head = ("what", "memories", "p50 ms", "p95 ms", f"recall@{FOUND}")
    lines = [(row.case, f"{row.memories:,}", row.p50_ms, row.p95_ms, row.recall) for row in rows]
    took = [
        f"The index of vectors over {size:,} memories, and as many of others as a tenth of them, "
        f"took {seconds:.0f} s."
        for size, seconds in builds.items()
    ]
    return "\n\n".join([table(head, lines), *took])


if __name__ == "__main__":
    sys.exit(main())
