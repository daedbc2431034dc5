"""supermemory."""

from __future__ import annotations

from typing import Any

import workload
from supermemory import AsyncSupermemory, Supermemory

_METADATA = {"tag": "preferences", "user_id": "ada"}


class Blocking:
    def __init__(self, address: str, _roots: None) -> None:
        self._memory = Supermemory(api_key=workload.KEY, base_url=address)

    def create(self) -> Any:
        return self._memory.add("ada", content=workload.CONTENT, metadata=_METADATA)

    def list(self, count: int) -> Any:
        return self._memory.list("ada", "memories", limit=count).memories

    def search(self) -> Any:
        return self._memory.search("ada", query=workload.QUERY, limit=workload.LIMIT).results


class Concurrent:
    def __init__(self, address: str, _roots: None) -> None:
        self._memory = AsyncSupermemory(api_key=workload.KEY, base_url=address)

    async def create(self) -> Any:
        return await self._memory.add("ada", content=workload.CONTENT, metadata=_METADATA)
