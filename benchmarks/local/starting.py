"""The time from the start of a server to its first response to a search."""

from __future__ import annotations

import http.client
import json
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tools.demo import local_server, new_key

from .child import cpu_seconds

if TYPE_CHECKING:
    from pathlib import Path

    from tools.demo import Server

__all__ = ["Started", "started"]


class Started(NamedTuple):
    """The median of all starts with this many memories."""

    memories: int
    seconds: float
    cpu_seconds: float


def started(path: Path, memories: int, starts: int) -> Started:
    """Start `memoryos serve` on a file repeatedly, and measure its first response."""
    api_key = new_key(path)
    seconds, cpu = zip(*(_first_answer(path, api_key) for _ in range(starts)), strict=True)
    return Started(memories, median(seconds), median(cpu))


def _first_answer(path: Path, api_key: str) -> tuple[float, float]:
    begun = time.perf_counter()
    with local_server(path, options=("--embedder=minilm",), api_key=api_key) as server:
        results = _search(server)
        measured = time.perf_counter() - begun, cpu_seconds(server.process.pid)
    if not results:
        raise RuntimeError("the first search has found nothing")
    return measured


def _search(server: Server) -> list[object]:
    """Search with the standard library alone, which adds no import time."""
    address = urlsplit(server.base_url)
    connection = http.client.HTTPConnection(address.netloc)
    headers = {"Authorization": f"Bearer {server.api_key}", "Content-Type": "application/json"}
    body = json.dumps({"query": "Who is planning a trip to Lisbon?", "threshold": 0})
    connection.request("POST", f"{address.path}/search", body, headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    results: list[object] = answer["data"]["results"]
    return results
