"""Store memories by `create_many`, in a process of its own, and print the seconds as JSON.

    python create_many.py COUNT FILE
    python create_many.py COUNT URL KEY

The SDK and the local Memory OS come from PYTHONPATH, so that an older checkout can be measured.
"""

from __future__ import annotations

import json
import sys
import time

from memoryos import MemoryOS

WARM_UP = 200


def main(count: str, place: str, key: str | None = None) -> None:
    """Store `count` memories in a file, or over HTTP with `key`."""
    memory = (
        MemoryOS.local(place, embedder="hashing")
        if key is None
        else MemoryOS(api_key=key, base_url=place)
    )
    with memory:
        _store(memory, range(WARM_UP))
        started, cpu = time.perf_counter(), time.process_time()
        _store(memory, range(WARM_UP, WARM_UP + int(count)))
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds}))


def _store(memory: MemoryOS, numbers: range) -> None:
    texts = [f"The user prefers tea number {number}, with milk and no sugar" for number in numbers]
    for result in memory.memories.create_many(texts):
        if result.error is not None:
            raise result.error


if __name__ == "__main__":
    main(*sys.argv[1:])
