"""Creates per second over HTTP, each of them durable after `kill -9`.

The server is a child process with default settings but for the embedder `hashing`, whose cost is
negligible. The client is this process.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memoryos import AsyncMemoryOS, MemoryOS
from tools.demo import local_server

from .child import cpu_seconds

if TYPE_CHECKING:
    from pathlib import Path

    from tools.demo import Server

__all__ = ["AT_ONCE", "Created", "created"]

AT_ONCE = (1, 8, 32)
"""Numbers of concurrent creates."""

_WARM_UP = 100


@dataclass(frozen=True)
class Created:
    """The result with this many creates at once."""

    at_once: int
    created: int
    seconds: float
    server_cpu_seconds: float
    lost: int

    @property
    def per_second(self) -> float:
        """Memories stored per second."""
        return self.created / self.seconds


def created(folder: Path, count: int, at_once: int) -> Created:
    """Store `count` memories through the SDK, kill the server, and count them on a new one."""
    path = folder / f"created-{at_once}.db"
    with local_server(path, options=("--embedder=hashing",)) as server:
        stored = asyncio.run(_through_the_sdk(server, _WARM_UP, at_once))
        before = cpu_seconds(server.process.pid)
        started = time.perf_counter()
        stored |= asyncio.run(_through_the_sdk(server, count, at_once))
        seconds = time.perf_counter() - started
        cpu = cpu_seconds(server.process.pid) - before
        server.process.kill()
    return Created(at_once, count, seconds, cpu, lost=len(stored - _found(path)))


async def _through_the_sdk(server: Server, count: int, at_once: int) -> set[str]:
    """Return the ids of the acknowledged memories."""
    numbers = iter(range(count))
    stored: set[str] = set()
    async with AsyncMemoryOS(api_key=server.api_key, base_url=server.base_url) as memory:

        async def create() -> None:
            for number in numbers:
                content = f"The user prefers the {number}. of all teas, with milk and no sugar"
                one = await memory.memories.create(content, tier="long")
                stored.add(one["id"])

        await asyncio.gather(*(create() for _ in range(at_once)))
    return stored


def _found(path: Path) -> set[str]:
    with local_server(path, options=("--embedder=hashing",)) as server:
        memory = MemoryOS(api_key=server.api_key, base_url=server.base_url)
        with memory:
            return {one["id"] for one in memory.memories.iterate()}
