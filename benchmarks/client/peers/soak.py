"""Makes many calls with one client, and watches the process's memory and descriptors.

    python soak.py PEER ADDRESS KIND CALLS [CORE]

KIND is `sync` or `async` (100 at once). Prints, as JSON, a list of [calls so far, megabytes of
memory, open descriptors].
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = 50
CONCURRENCY = 100


def main() -> None:
    """Make the calls, and print the samples."""
    module, address, kind, calls, *core = sys.argv[1:]
    if core:
        os.sched_setaffinity(0, {int(core[0])})
    peer = importlib.import_module(module)
    if kind == "async":
        samples = asyncio.run(_concurrently(peer.Concurrent(address, None), int(calls)))
    else:
        samples = list(_one_by_one(peer.Blocking(address, None), int(calls)))
    print(json.dumps(samples))


def _one_by_one(client: Any, calls: int) -> Iterator[list[float]]:
    rotation = (client.create, client.search, client.create, lambda: client.list(10))
    yield _sample(0)
    for number in range(1, calls + 1):
        rotation[number % len(rotation)]()
        if number % (calls // SAMPLES) == 0:
            yield _sample(number)


async def _concurrently(client: Any, calls: int) -> list[list[float]]:
    samples = [_sample(0)]
    each = calls // SAMPLES // CONCURRENCY

    async def caller() -> None:
        for _ in range(each):
            await client.create()

    for number in range(1, SAMPLES + 1):
        await asyncio.gather(*(caller() for _ in range(CONCURRENCY)))
        samples.append(_sample(number * each * CONCURRENCY))
    await client.close()
    return samples


def _sample(calls: int) -> list[float]:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return [calls, megabytes, len(list(Path("/proc/self/fd").iterdir()))]


if __name__ == "__main__":
    main()
