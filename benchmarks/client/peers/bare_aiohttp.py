"""Plain aiohttp."""

from __future__ import annotations

import ssl
from typing import Any

import aiohttp
import workload


class Concurrent:
    def __init__(self, address: str, roots: str | None) -> None:
        self._address = f"{address}/v1"
        context = True if roots is None else ssl.create_default_context(cafile=roots)
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {workload.KEY}"},
            timeout=aiohttp.ClientTimeout(30),
            connector=aiohttp.TCPConnector(ssl=context),
        )

    async def create(self) -> Any:
        url = f"{self._address}/memories"
        async with self._session.post(url, json=workload.MEMORY) as response:
            response.raise_for_status()
            return (await response.json())["data"]

    async def close(self) -> None:
        await self._session.close()
