"""How long it takes from the start of a server to its first answer to a search."""

from __future__ import annotations

import http.client
import json
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from .child import cpu_seconds, serving

if TYPE_CHECKING:
    from pathlib import Path

    from .child import Served

__all__ = ["Started", "started"]


class Started(NamedTuple):
    """What was measured with so many memories; the median of all starts."""

    memories: int
    seconds: float
    cpu_seconds: float


def started(path: Path, memories: int, starts: int) -> Started:
    """Start `memoryos serve` on a file some times, and ask for the first answer."""
    seconds, cpu = zip(*(_first_answer(path) for _ in range(starts)), strict=True)
    return Started(memories, median(seconds), median(cpu))


def _first_answer(path: Path) -> tuple[float, float]:
    begun = time.perf_counter()
    with serving(path, "minilm") as served:
        results = _search(served)
        measured = time.perf_counter() - begun, cpu_seconds(served.process.pid)
    if not results:
        raise RuntimeError("the first search has found nothing")
    return measured


def _search(served: Served) -> list[object]:
    """Search with nothing that would have to be imported first."""
    address = urlsplit(served.base_url)
    connection = http.client.HTTPConnection(address.netloc)
    headers = {"Authorization": f"Bearer {served.api_key}", "Content-Type": "application/json"}
    body = json.dumps({"query": "Who is planning a trip to Lisbon?", "threshold": 0})
    connection.request("POST", f"{address.path}/search", body, headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    results: list[object] = answer["data"]["results"]
    return results
