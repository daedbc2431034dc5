"""How long it takes from the start of a server to its first answer to a search."""

from __future__ import annotations

import http.client
import json
import time
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .child import serving

if TYPE_CHECKING:
    from pathlib import Path

    from .child import Served

__all__ = ["first_answer_seconds"]


def first_answer_seconds(path: Path, starts: int) -> float:
    """Return the median over some starts of `memoryos serve`, a new process each time."""
    return median(_first_answer(path) for _ in range(starts))


def _first_answer(path: Path) -> float:
    started = time.perf_counter()
    with serving(path, "minilm") as served:
        results = _search(served)
        seconds = time.perf_counter() - started
    if not results:
        raise RuntimeError("the first search has found nothing")
    return seconds


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
