"""Plain httpx, as used without an SDK."""

from __future__ import annotations

from typing import Any

import httpx
import workload

_HEADERS = {"Authorization": f"Bearer {workload.KEY}"}


def _data(response: httpx.Response) -> Any:
    response.raise_for_status()
    return response.json()["data"]


class Blocking:
    def __init__(self, address: str, roots: str | None) -> None:
        self._client = httpx.Client(
            base_url=f"{address}/v1", headers=_HEADERS, timeout=30, verify=_verify(roots)
        )

    def create(self) -> Any:
        return _data(self._client.post("/memories", json=workload.MEMORY))

    def list(self, count: int) -> Any:
        return _data(self._client.get("/memories", params={"limit": count, "offset": 0}))

    def search(self) -> Any:
        return _data(self._client.post("/search", json=workload.SEARCH))["results"]

    def search_by_vector(self, embedding: Any) -> Any:
        body = workload.by_vector(embedding)
        return _data(self._client.post("/search", json=body))["results"]

    def close(self) -> None:
        self._client.close()


class Concurrent:
    def __init__(self, address: str, roots: str | None) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{address}/v1", headers=_HEADERS, timeout=30, verify=_verify(roots)
        )

    async def create(self) -> Any:
        return _data(await self._client.post("/memories", json=workload.MEMORY))

    async def close(self) -> None:
        await self._client.aclose()


def _verify(roots: str | None) -> Any:
    return True if roots is None else httpx.create_ssl_context(verify=roots)
