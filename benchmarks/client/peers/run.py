"""Runs the driver's measures in a peer's own environment.

    python run.py PEER [--core N] [--roots FILE]

Reads one JSON object per line: address, operation, calls, and the operation's arguments. Writes one
for each: seconds of CPU and of wall clock per call, or per memory of a bulk operation, and the
number of failures.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import json
import os
import sys
import time
import warnings
from typing import Any

import workload

# Warm-up calls: Python specialises its code during the first few dozen.
_WARM = 30
_BULK = ("create_many", "iterate", "export", "import_")


def main() -> None:
    """Process line by line until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("--core", type=int)
    parser.add_argument("--roots")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    warnings.simplefilter("ignore")
    out, sys.stdout = sys.stdout, sys.stderr  # keep a peer's own output out of the results
    runner = Runner(importlib.import_module(options.peer), options.roots)
    for line in sys.stdin:
        print(json.dumps(runner.run(json.loads(line))), file=out, flush=True)


class Runner:
    """Keeps a client for each address, so that each measure starts with a warm one."""

    def __init__(self, peer: Any, roots: str | None) -> None:
        self._peer = peer
        self._roots = roots
        self._clients: dict[Any, Any] = {}

    def run(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Run one measure."""
        if asked["operation"] == "create at once":
            return asyncio.run(self._at_once(**asked))
        if asked["operation"] in _BULK:
            kind = asked.pop("kind")
            if kind == "async":
                return asyncio.run(self._concurrent_bulk(**asked))
            return self._bulk(**asked)
        return self._one_by_one(**asked)

    def _one_by_one(
        self, address: str, operation: str, calls: int, count: int = 0, kind: str = ""
    ) -> dict[str, Any]:
        if address not in self._clients:
            self._clients[address] = self._peer.Blocking(address, self._roots_for(address))
        method = getattr(self._clients[address], operation)
        arguments: tuple[Any, ...] = (count,) if operation == "list" else ()
        arguments = (workload.vector(kind),) if operation == "search_by_vector" else arguments
        for _ in range(min(calls, _WARM)):
            _check(method(*arguments), operation, count)
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(calls):
            method(*arguments)
        return _figures(wall, cpu, calls)

    async def _at_once(
        self, address: str, operation: str, calls: int, concurrency: int
    ) -> dict[str, Any]:
        del operation
        client = self._peer.Concurrent(address, self._roots_for(address))
        failed = await _failures(client, concurrency, concurrency)  # opens the connections
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        failed += await _failures(client, calls, concurrency)
        figures = _figures(wall, cpu, calls)
        if hasattr(client, "close"):
            await client.close()
        return {**figures, "failed": failed}

    def _bulk(self, address: str, operation: str, calls: int) -> dict[str, Any]:
        if ("bulk", address) not in self._clients:
            self._clients["bulk", address] = self._peer.Bulk(address, None)
        client = self._clients["bulk", address]
        method = getattr(client, operation)
        client.create_many(_WARM)
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        done = method(calls)
        return _figures(wall, cpu, done)

    async def _concurrent_bulk(self, address: str, operation: str, calls: int) -> dict[str, Any]:
        client = self._peer.ConcurrentBulk(address, None)
        await client.create_many(_WARM)
        await client.prepare()
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        done = await getattr(client, operation)(calls)
        figures = _figures(wall, cpu, done)
        await client.close()
        return figures

    def _roots_for(self, address: str) -> str | None:
        return self._roots if address.startswith("https:") else None


async def _failures(client: Any, calls: int, concurrency: int) -> int:
    """Make calls, some of them at once, and return the number of failures."""
    left = calls
    failed = 0

    async def caller() -> None:
        nonlocal left, failed
        while left > 0:
            left -= 1
            try:
                await client.create()
            except Exception:  # noqa: BLE001 - each peer has its own; they are counted
                failed += 1

    await asyncio.gather(*[caller() for _ in range(concurrency)])
    return failed


def _check(answer: Any, operation: str, count: int) -> None:
    """Raise an error if a peer didn't read what the server sent."""
    expected = {"list": count, "create": None}.get(operation, workload.LIMIT)
    if not answer or (expected is not None and len(answer) != expected):
        raise SystemExit(f"{operation} gave {str(answer)[:200]}")


def _figures(wall: float, cpu: float, calls: int) -> dict[str, Any]:
    return {
        "cpu": (time.process_time() - cpu) / calls,
        "wall": (time.perf_counter() - wall) / calls,
        "failed": 0,
    }


if __name__ == "__main__":
    main()
