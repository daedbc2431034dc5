"""Measure the store on a Citus cluster with one and two workers; for docs/guides/scaling.md.

    python -m benchmarks.postgres.cluster URL [--owners N] [--memories N] [--write]

URL is that of a database on the coordinator, for whose user and nodes tests/citus.py has the
conditions. The store is used without HTTP, with the hashing embedder, by 8 threads.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from benchmarks.machine import describe
from benchmarks.marked import fill, table

from .servers import ROOT

sys.path.insert(0, str(ROOT))

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.caller import Caller
from memoryos_server.service.operations import Service, open_service
from tests.citus import CitusCluster
from tests.postgres import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DOCUMENT = ROOT / "docs" / "guides" / "scaling.md"
THREADS = 8
SHARDS = 32  # as Citus does by itself
SEARCHES = 400
WORDS = ["tea", "Lisbon", "violin", "cat", "winter", "train", "garden", "book", "doctor", "coffee"]


def main() -> None:
    """Print the table, and write it with --write."""
    options = _options()
    cluster = CitusCluster(options.url)
    places = {
        "PostgreSQL alone": lambda: Cluster.make_database(cluster),
        "Citus, 1 worker": lambda: cluster.make_database(workers=1, shards=SHARDS),
        "Citus, 2 workers": lambda: cluster.make_database(workers=2, shards=SHARDS),
    }
    try:
        rows = [_measure(name, make(), options) for name, make in places.items()]
    finally:
        cluster.drop_databases()
    head = ("", "create", "one owner's search, median", f"search, {options.owners} owners at once")
    size = f"{options.owners} owners with {options.memories} memories each"
    text = f"{table(head, rows)}\n\n{size}; {THREADS} threads. {describe()}"
    print(text)
    if options.write:
        fill(DOCUMENT, "python -m benchmarks.postgres.cluster --write", text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--owners", type=int, default=200)
    parser.add_argument("--memories", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def _measure(name: str, url: str, options: argparse.Namespace) -> tuple[str, ...]:
    chosen = random.Random(15)
    owners = [f"owner{number}" for number in range(options.owners)]
    texts = [" ".join(chosen.choices(WORDS, k=8)) for _ in range(options.memories)]
    service = open_service(url, embedder=HashingEmbedder())
    try:
        _create(service, owners[0], texts[0])  # makes the tables
        created = _per_second(
            lambda item: _create(service, *item), list(itertools.product(owners, texts))
        )
        alone = [_seconds(lambda: _search(service, owners[0])) for _ in range(SEARCHES // 4)]
        asked = chosen.choices(owners, k=SEARCHES)
        searched = _per_second(lambda owner: _search(service, owner), asked)
    finally:
        service.close()
    median = statistics.median(alone) * 1000
    return name, f"{created:,.0f}/s", f"{median:.0f} ms", f"{searched:,.0f}/s"


def _create(service: Service, owner: str, content: str) -> None:
    body = {"content": content, "tier": "long", "content_type": "text"}
    service.create_memory(_caller(owner), {}, body, frozenset())


def _search(service: Service, owner: str) -> None:
    body: dict[str, Any] = {"query": "tea in Lisbon", "threshold": 0.0, "limit": 10}
    service.search_memories(_caller(owner), {}, body)


def _caller(owner: str) -> Caller:
    return Caller(owner, frozenset({"*"}))


def _per_second(call: Callable[[Any], None], items: Iterable[Any]) -> float:
    waiting = list(items)
    with ThreadPoolExecutor(THREADS) as threads:
        seconds = _seconds(lambda: list(threads.map(call, waiting)))
    return len(waiting) / seconds


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
