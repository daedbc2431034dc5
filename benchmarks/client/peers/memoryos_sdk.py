"""This SDK."""

from __future__ import annotations

import ssl
import tempfile
from typing import Any

import workload

from memoryos import AsyncMemoryOS, MemoryOS

# The service on the other side is the documented one, which takes no dates.
IMPORT: dict[str, Any] = {"on_conflict": "duplicate", "without_dates": True}


class Blocking:
    def __init__(self, address: str, roots: str | None) -> None:
        self._memory = MemoryOS(workload.KEY, base_url=f"{address}/v1", ssl_context=_context(roots))

    def create(self) -> Any:
        return self._memory.memories.create(**workload.MEMORY)

    def list(self, count: int) -> Any:
        return self._memory.memories.list(limit=count)["data"]

    def search(self) -> Any:
        return self._memory.search(**workload.SEARCH)["results"]

    def search_by_vector(self, embedding: Any) -> Any:
        found = self._memory.search(
            embedding=embedding, threshold=0.7, limit=workload.LIMIT, tier="long"
        )
        return found["results"]

    def close(self) -> None:
        self._memory.close()


class Concurrent:
    def __init__(self, address: str, roots: str | None) -> None:
        self._memory = AsyncMemoryOS(
            workload.KEY, base_url=f"{address}/v1", ssl_context=_context(roots)
        )

    async def create(self) -> Any:
        return await self._memory.memories.create(**workload.MEMORY)

    async def close(self) -> None:
        await self._memory.close()


def _context(roots: str | None) -> ssl.SSLContext | None:
    return None if roots is None else ssl.create_default_context(cafile=roots)


class Bulk:
    """Operations on many memories, over HTTP or, at the address `local`, in this process.

    Each returns the number of memories that it has created, read or written.
    """

    def __init__(self, address: str, _roots: None) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=".")
        self._stored = f"{self._folder.name}/stored.jsonl"
        self._file = f"{self._folder.name}/export.jsonl"
        if address == "local":
            # Embeds by hashing: how long the model takes is measured in docs/local.md.
            path = f"{self._folder.name}/memories.db"
            self._memory = MemoryOS.local(path, embedder="hashing")
        else:
            self._memory = MemoryOS(workload.KEY, base_url=f"{address}/v1")
        self._memories = self._memory.memories
        if address == "local":
            self.create_many(workload.STORED)
        self._memories.export(self._stored)

    def create_many(self, count: int) -> int:
        return sum(result.ok for result in self._memories.create_many([workload.MEMORY] * count))

    def iterate(self, _count: int = 0) -> int:
        return sum(1 for _ in self._memories.iterate())

    def export(self, _count: int = 0) -> int:
        return self._memories.export(self._file)

    def import_(self, _count: int = 0) -> int:
        return self._memories.import_(self._stored, **IMPORT).created

    def close(self) -> None:
        self._memory.close()
        self._folder.cleanup()


class ConcurrentBulk:
    """The same, asynchronously and over HTTP."""

    def __init__(self, address: str, _roots: None) -> None:
        self._folder = tempfile.TemporaryDirectory(dir=".")
        self._stored = f"{self._folder.name}/stored.jsonl"
        self._file = f"{self._folder.name}/export.jsonl"
        self._memory = AsyncMemoryOS(workload.KEY, base_url=f"{address}/v1")
        self._memories = self._memory.memories

    async def prepare(self) -> None:
        await self._memories.export(self._stored)

    async def create_many(self, count: int) -> int:
        created = self._memories.create_many([workload.MEMORY] * count)
        return sum([result.ok async for result in created])

    async def iterate(self, _count: int = 0) -> int:
        return len([memory async for memory in self._memories.iterate()])

    async def export(self, _count: int = 0) -> int:
        return await self._memories.export(self._file)

    async def import_(self, _count: int = 0) -> int:
        return (await self._memories.import_(self._stored, **IMPORT)).created

    async def close(self) -> None:
        await self._memory.close()
        self._folder.cleanup()
