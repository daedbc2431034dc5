"""Measures what a scope adds to a search of 10 results, side by side with a search by the same tag.

    python benchmarks/scopes.py [ROUNDS]

Both clients send to a transport that returns at once what a service has answered, so that only the
SDK's own work is measured. The order alternates, and the medians of the rounds are compared.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos._protocol.responses import HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROUNDS = 400
CALLS = 20
RESULTS = 10
QUERY = "When does Alice work?"
TAG = "user:alice"


def answer() -> HTTPResponse:
    """Return the response to a search, with `RESULTS` results of three tags each."""
    results = [
        {
            "id": f"7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d{number:02}",
            "content": f"Alice prefers mornings, as she said on day {number}",
            "content_type": "text",
            "tier": "long",
            "memory_nature": "semantic",
            "relevance_score": 0.9,
            "similarity": 0.8,
            "combined_score": 0.85,
            "metadata": {"tags": [TAG, "preferences", "calendar"], "source": "chat"},
            "created_at": "2026-11-02T08:15:00Z",
        }
        for number in range(RESULTS)
    ]
    data = {"results": results, "search_type": "semantic", "threshold": 0.7}
    return HTTPResponse(200, {}, json.dumps({"data": data, "meta": {}}).encode())


class Transport:
    """Returns the same response to every request."""

    is_bound = False

    def __init__(self) -> None:
        self._content = answer().content

    def send(self, *_: Any) -> HTTPResponse:
        return HTTPResponse(200, {}, self._content)

    def close(self) -> None:
        """Do nothing."""


class AsyncTransport(Transport):
    """The same, to be awaited."""

    async def send(self, *_: Any) -> HTTPResponse:  # type: ignore[override]
        return HTTPResponse(200, {}, self._content)

    async def close(self) -> None:  # type: ignore[override]
        """Do nothing."""


def searches(memory: MemoryOS | AsyncMemoryOS) -> dict[str, Callable[[], Any]]:
    """Return the searches to compare, by kind."""
    alice = memory.scoped(user="alice")
    return {
        "plain": lambda: memory.search(QUERY, tags=[TAG]),
        "scoped": lambda: alice.search(QUERY),
    }


def timed(
    calls: Mapping[str, Callable[[], Any]], rounds: int, times: dict[str, list[float]]
) -> Iterator[Callable[[], Any]]:
    """Yield each call once per round, in alternating order, to be made `CALLS` times.

    Args:
        calls: The calls, by kind.
        rounds: The number of rounds.
        times: Gets the microseconds of a call in each round, by kind.
    """
    for number in range(rounds):
        for kind in sorted(calls, reverse=bool(number % 2)):
            started = time.perf_counter()
            yield calls[kind]
            times[kind].append(1e6 * (time.perf_counter() - started) / CALLS)


def sync_rounds(rounds: int) -> dict[str, list[float]]:
    """Return the microseconds of a call in each round, by kind."""
    memory = MemoryOS("mos_test_x", "http://localhost:1/v1")
    memory._session.transport = Transport()  # type: ignore[assignment] # noqa: SLF001
    times: dict[str, list[float]] = defaultdict(list)
    for call in timed(searches(memory), rounds, times):
        for _ in range(CALLS):
            call()
    return times


async def async_rounds(rounds: int) -> dict[str, list[float]]:
    """Return the same for the asynchronous client."""
    memory = AsyncMemoryOS("mos_test_x", "http://localhost:1/v1")
    memory._session.transport = AsyncTransport()  # type: ignore[assignment] # noqa: SLF001
    times: dict[str, list[float]] = defaultdict(list)
    for call in timed(searches(memory), rounds, times):
        for _ in range(CALLS):
            await call()
    return times


def main() -> None:
    """Print the medians, and what a scope adds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for name, times in (
        ("sync", sync_rounds(rounds)),
        ("async", asyncio.run(async_rounds(rounds))),
    ):
        plain, scoped = (statistics.median(times[kind]) for kind in ("plain", "scoped"))
        print(
            f"{name}: plain {plain:.1f} µs, scoped {scoped:.1f} µs, added {scoped - plain:.1f} µs"
        )


if __name__ == "__main__":
    main()
