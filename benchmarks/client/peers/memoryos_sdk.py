"""This SDK."""

from __future__ import annotations

import ssl
from typing import Any

import workload

from memoryos import AsyncMemoryOS, MemoryOS


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
