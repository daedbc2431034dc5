"""Measure the speed, the recall and the memory of a Memory OS on a file, in its own process.

    python -m benchmarks.local.probing FILE MEMORIES [--calls N]

prints the results as JSON. FILE was filled by `synthetic`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING
from unittest.mock import PropertyMock, patch
from uuid import UUID

from memoryos import MemoryOS
from memoryos_server.embedders import default_embedder
from memoryos_server.search.index.owner_index import OwnerIndex

from .synthetic import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["CALLS", "FOUND", "Probed", "probe", "probed"]

CALLS = 50
FOUND = 10

_QUERY_SEED = 2
_ROUNDS = 3


@dataclass(frozen=True)
class Probed:
    """The results. Times are medians in milliseconds."""

    memories: int
    first_search_ms: float
    get_ms: float
    search_ms: float
    search_cpu_ms: float
    peak_bytes: int
    recall: float


def probe(path: Path, memories: int, calls: int) -> Probed:
    """Measure a file in a new process.

    Args:
        path: The file.
        memories: The number of its memories.
        calls: The number of memories to read, and of queries.
    """
    from .child import output_of

    options = [str(path), str(memories), "--calls", str(calls)]
    return Probed(**json.loads(output_of("benchmarks.local.probing", *options)))


def probed(path: Path, memories: int, calls: int) -> Probed:
    """Measure a file in this process, through the SDK."""
    embedder = default_embedder()
    if embedder is None:
        raise SystemExit("needs the extra [local]: pip install '.[local]'")
    queries = sentences(calls, _QUERY_SEED)
    embedder.embed(queries)  # so that a search finds its vector in the cache
    with MemoryOS.local(str(path)) as memory:

        def search(query: str) -> list[str]:
            results = memory.search(query, threshold=0, limit=FOUND)["results"]
            return [result["id"] for result in results]

        started = time.perf_counter()
        search(queries[0])
        first = time.perf_counter() - started
        get = _median_ms(memory.memories.get, _some_ids(memories, calls))
        wall = _median_ms(search, queries * _ROUNDS)
        cpu = _median_ms(search, queries, clock=time.process_time)
        peak = _peak_bytes()
        recall = _recall(search, queries)
    return Probed(memories, 1000 * first, get, wall, cpu, peak, recall)


def _some_ids(memories: int, count: int) -> list[str]:
    chance = random.Random(_QUERY_SEED)
    return [str(UUID(int=chance.randrange(memories))) for _ in range(count)]


def _median_ms(
    call: Callable[[str], object],
    arguments: Sequence[str],
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    times = []
    for argument in arguments:
        started = clock()
        call(argument)
        times.append(clock() - started)
    return 1000 * median(times)


def _peak_bytes() -> int:
    """Return this process's peak memory; `getrusage` would include its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return 1024 * int(kilobytes)


def _recall(search: Callable[[str], list[str]], queries: Sequence[str]) -> float:
    """Return the recall against an exact search."""
    found = [set(search(query)) for query in queries]
    with patch.object(OwnerIndex, "is_quantized", PropertyMock(return_value=False)):
        exact = [set(search(query)) for query in queries]
    return fmean(len(one & other) / len(one) for one, other in zip(exact, found, strict=True))


def main() -> None:
    """Print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("memories", type=int)
    parser.add_argument("--calls", type=int, default=CALLS)
    options = parser.parse_args()
    print(json.dumps(asdict(probed(options.file, options.memories, options.calls))))


if __name__ == "__main__":
    main()
