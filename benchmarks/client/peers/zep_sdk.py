"""zep-cloud, with a graph's episodes as memories."""

from __future__ import annotations

from typing import Any

import workload
from zep_cloud import AsyncZep, Zep

_METADATA = {"tags": ["preferences"], "user_id": "ada"}


class Blocking:
    def __init__(self, address: str, _roots: None) -> None:
        self._zep = Zep(api_key=workload.KEY, base_url=address, timeout=30)

    def create(self) -> Any:
        return self._zep.graph.episode.add("ada", data=workload.CONTENT, metadata=_METADATA)

    def list(self, count: int) -> Any:
        return self._zep.graph.episode.list("ada", page_size=count).items

    def search(self) -> Any:
        found = self._zep.graph.search_episodes(
            "ada", query=workload.QUERY, page_size=workload.LIMIT
        )
        return found.items


class Concurrent:
    def __init__(self, address: str, _roots: None) -> None:
        self._zep = AsyncZep(api_key=workload.KEY, base_url=address, timeout=30)

    async def create(self) -> Any:
        return await self._zep.graph.episode.add("ada", data=workload.CONTENT, metadata=_METADATA)
