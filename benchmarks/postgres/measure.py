"""Measure the speed and the recall of searches on PostgreSQL, for docs/postgres.md.

usage: python benchmarks/postgres/measure.py [--url URL] [--sizes 10000 100000] [--queries 100]
           [--json FILE] [--write]

Without --url it starts the PostgreSQL of the tests (requirements/test.txt). With it, any server
with pgvector will do; the database `memoryos_benchmark` is created there, and dropped at the end.

The first run embeds 50,000 sentences, which takes some minutes; see `corpus`. Recall is counted by
score: a result counts if an exact search gives it no less than to the last one that it finds.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg

from memoryos_server.search.index.entry import NEVER, Entry, Filter
from memoryos_server.search.index.memory_index import AnalyzedQuery, MemoryIndex
from memoryos_server.search.query_analysis import analyze_query
from memoryos_server.stores.database_url import Address
from memoryos_server.stores.postgres.conditions import condition, has_filters
from memoryos_server.stores.postgres.store import PostgresStore
from memoryos_server.stores.postgres.vector_index import MAX_MEMORIES_COMPARED_IN_FULL

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "tests"), str(ROOT)]

import corpus  # noqa: E402 - beside this file
import data  # noqa: E402 - beside this file
import loading  # noqa: E402 - beside this file

from benchmarks.machine import describe  # noqa: E402
from benchmarks.marked import fill, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from memoryos_server.model.records import Selection

DOCUMENT = ROOT / "docs" / "postgres.md"
FOUND = 20
CANDIDATES = 200  # the number of candidates that the service requests in a search for 20
OWNERS = 20
LOADED_AT_ONCE = 20_000
TOLERANCE = 1e-3  # of the evidence: cosines are rounded differently here and there
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "4GB",
    "maintenance_work_mem": "4GB",
    "max_wal_size": "8GB",
}


@dataclass
class Row:
    """A row of the table."""

    case: str
    memories: int
    p50_ms: float
    p95_ms: float
    recall: float | None


def main() -> int:
    options = _options()
    load = os.getloadavg()[0]
    rows: list[Row] = []
    builds = {}
    for size in options.sizes:
        made = corpus.corpus(size)
        asked = corpus.queries(options.queries)
        with _database(options.url) as url:
            builds[size] = _fill(url, made)
            rows += _measured(url, size, asked)
    said = _report(rows, builds, load)
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
    parser.add_argument("--queries", type=int, default=100)
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


def _fill(url: str, made: corpus.Corpus) -> float:
    """Store one owner's memories and a tenth as many of others; return the index's build time."""
    with contextlib.closing(PostgresStore(Address(url), embedder=None)) as store:
        store.list_keys()  # creates the tables
    with psycopg.connect(url, autocommit=True) as connection:
        loading.prepare(connection, corpus.DIMENSION)
        size = len(made.sentences)
        for start in range(0, size, LOADED_AT_ONCE):
            part = slice(start, start + LOADED_AT_ONCE)
            memories = data.memories("one", made.sentences, part=part)
            is_large = size > MAX_MEMORIES_COMPARED_IN_FULL
            loading.load(connection, memories, made.vectors[part], is_large=is_large)
        share = size // OWNERS // 10
        for number in range(OWNERS):
            part = slice(number * share, (number + 1) * share)
            others = data.memories(f"other {number}", made.sentences[part], seed=1 + number)
            loading.load(connection, others, made.vectors[part])
        return loading.build_index(connection)


def _measured(url: str, size: int, asked: corpus.Corpus) -> Iterator[Row]:
    queries = [
        AnalyzedQuery(vector, analyze_query(text))
        for text, vector in zip(asked.sentences, asked.vectors, strict=True)
    ]
    with (
        psycopg.connect(url, autocommit=True) as connection,
        contextlib.closing(PostgresStore(Address(url), embedder=loading.EMBEDDER)) as store,
    ):
        exact = _exact_index(connection)
        for case, selection in data.SELECTIONS.items():
            wanted = Filter(0, numbers=_selected(connection, selection))
            yield _searched(store, exact, f"search: {case}", size, selection, wanted, queries)
        seconds = [_seconds_by_words(store, text) for text in asked.sentences]
        yield _row("search by words, without an embedder", size, seconds, None)


def _exact_index(connection: psycopg.Connection[tuple[Any, ...]]) -> MemoryIndex:
    """Return all memories of the owner in an index that compares each of them."""
    index = MemoryIndex(corpus.DIMENSION, exact_rows=10**9)
    with connection.cursor("everything", withhold=True, binary=True) as rows:
        rows.itersize = 10_000
        rows.execute(
            "SELECT number, created, vector_send(vector), thread, terms FROM memoryos.vectors "
            "WHERE owner = 'one' ORDER BY number"
        )
        while batch := rows.fetchmany(rows.itersize):
            index.put([_entry(*row) for row in batch])
    return index


def _entry(number: int, created: int, vector: bytes, conversation: int, terms: bytes) -> Entry:
    values = np.frombuffer(vector, ">f4", offset=4).astype("<f4").tobytes()
    return Entry(number, ("long", "text", None), created, NEVER, values, conversation, terms)


def _selected(
    connection: psycopg.Connection[tuple[Any, ...]], selection: Selection
) -> list[int] | None:
    if not has_filters(selection):
        return None
    where, values = condition(selection)
    rows = connection.execute(f"SELECT number FROM memoryos.memories WHERE {where}", values)
    return [number for (number,) in rows]


def _searched(
    store: PostgresStore,
    exact: MemoryIndex,
    case: str,
    size: int,
    selection: Selection,
    wanted: Filter,
    queries: Sequence[AnalyzedQuery],
) -> Row:
    """Search as the service does, without embedding the query."""
    seconds, shares = [], []
    store.search(selection, queries[0], CANDIDATES)
    for query in queries:
        started = time.perf_counter()
        found = store.search(selection, query, CANDIDATES)
        seconds.append(time.perf_counter() - started)
        best = exact.search(query, wanted=wanted, count=CANDIDATES)
        shares.append(_recall(found.numbers.tolist(), best.numbers.tolist(), best.evidence))
    return _row(case, size, seconds, float(np.mean(shares)))


def _recall(found: list[int], best: list[int], scores: Sequence[float]) -> float:
    """Return the share of an exact search's results, or others as good, that are found."""
    count = min(FOUND, len(best))
    if not count:
        return 1.0
    score_of = dict(zip(best, scores, strict=True))
    least = scores[count - 1] - TOLERANCE
    return sum(score_of.get(number, -np.inf) >= least for number in found[:count]) / count


def _seconds_by_words(store: PostgresStore, text: str) -> float:
    started = time.perf_counter()
    words = [word.text for word in analyze_query(text).words]
    store.match_words(data.SELECTIONS["all"], words, FOUND)
    return time.perf_counter() - started


def _row(case: str, size: int, seconds: Sequence[float], recall: float | None) -> Row:
    p50, p95 = (round(1000 * float(np.percentile(seconds, part)), 1) for part in (50, 95))
    return Row(case, size, p50, p95, None if recall is None else round(recall, 4))


def _report(rows: list[Row], builds: dict[int, float], load: float) -> str:
    head = ("what", "memories", "p50 ms", "p95 ms", f"recall@{FOUND}")
    lines = [
        (
            row.case,
            f"{row.memories:,}",
            row.p50_ms,
            row.p95_ms,
            "" if row.recall is None else row.recall,
        )
        for row in rows
    ]
    took = [
        f"The index of vectors over {size:,} memories, and as many of others as a tenth of them, "
        f"took {seconds:.0f} s."
        for size, seconds in builds.items()
    ]
    return "\n\n".join(
        [table(head, lines), *took, f"{describe()}. Load average at the start: {load:.1f}."]
    )


if __name__ == "__main__":
    sys.exit(main())
