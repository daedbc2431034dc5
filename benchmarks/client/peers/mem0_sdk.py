"""mem0ai's client of its hosted service, without telemetry, with its files under MEM0_DIR."""

from __future__ import annotations

from typing import Any

import workload
from mem0 import AsyncMemoryClient, MemoryClient

_OF_ADA = {"user_id": "ada"}


class Blocking:
    def __init__(self, address: str, _roots: None) -> None:
        self._memory = MemoryClient(api_key=workload.KEY, host=address)

    def create(self) -> Any:
        return self._memory.add(
            workload.CONTENT, user_id="ada", metadata=workload.MEMORY["metadata"]
        )

    def list(self, count: int) -> Any:
        return self._memory.get_all(filters=_OF_ADA, page_size=count)["results"]

    def search(self) -> Any:
        found = self._memory.search(workload.QUERY, filters=_OF_ADA, top_k=workload.LIMIT)
        return found["results"]

    def close(self) -> None:
        self._memory.client.close()


class Concurrent:
    def __init__(self, address: str, _roots: None) -> None:
        self._memory = AsyncMemoryClient(api_key=workload.KEY, host=address)

    async def create(self) -> Any:
        return await self._memory.add(
            workload.CONTENT, user_id="ada", metadata=workload.MEMORY["metadata"]
        )

    async def close(self) -> None:
        await self._memory.async_client.aclose()
