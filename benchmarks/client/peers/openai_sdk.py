"""openai, the model of many SDKs, with vector stores as memories."""

from __future__ import annotations

from typing import Any

import workload
from openai import AsyncOpenAI, OpenAI

_METADATA = {"tag": "preferences", "user_id": "ada"}


class Blocking:
    def __init__(self, address: str, _roots: None) -> None:
        self._client = OpenAI(api_key=workload.KEY, base_url=f"{address}/v1", timeout=30)

    def create(self) -> Any:
        return self._client.vector_stores.create(name=workload.CONTENT, metadata=_METADATA)

    def list(self, count: int) -> Any:
        return self._client.vector_stores.list(limit=count).data

    def search(self) -> Any:
        found = self._client.vector_stores.search(
            "ada", query=workload.QUERY, max_num_results=workload.LIMIT
        )
        return found.data

    def close(self) -> None:
        self._client.close()


class Concurrent:
    def __init__(self, address: str, _roots: None) -> None:
        self._client = AsyncOpenAI(api_key=workload.KEY, base_url=f"{address}/v1", timeout=30)

    async def create(self) -> Any:
        return await self._client.vector_stores.create(name=workload.CONTENT, metadata=_METADATA)

    async def close(self) -> None:
        await self._client.close()
