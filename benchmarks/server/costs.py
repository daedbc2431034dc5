"""The CPU time of a request, with and without metrics and a log."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OPERATIONS", "VARIANTS", "Cost", "costs"]

Call = tuple[str, str, dict[str, object] | None]
"""Method, path and body of a request."""

VARIANTS: dict[str, tuple[str, ...]] = {
    "neither": (),
    "log as text": ("--log", "text"),
    "log as JSON": ("--log", "json"),
    "metrics": ("--metrics",),
    "metrics and log as JSON": ("--metrics", "--log", "json"),
}
OPERATIONS: dict[str, Call] = {
    "list tags": ("GET", "/v1/tags?limit=1", None),
    "search": ("POST", "/v1/search", {"query": "coffee in the morning", "threshold": 0}),
}
_MEMORIES = 200
_REPOSITORY = Path(__file__).parents[2]


class Cost(NamedTuple):
    """The CPU time of a request, in microseconds: the median of all rounds."""

    operation: str
    variant: str
    microseconds: float


class _Server:
    def __init__(self, file: Path, options: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server.serving", str(file), *options],
            cwd=_REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        address, key = self._process.stdout.readline().split()
        self._connection = http.client.HTTPConnection(address)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: dict[str, object] | None) -> None:
        content = None if body is None else json.dumps(body)
        self._connection.request(method, path, content, self._headers)
        response = self._connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status}")

    def cpu_nanoseconds_of(self, call: Call, count: int) -> int:
        """Return the CPU time of calls over one connection."""
        self._connection.close()  # the server may have closed it, and the next call opens another
        self.call(*call)
        before = self._cpu_nanoseconds()
        for _ in range(count):
            self.call(*call)
        return self._cpu_nanoseconds() - before

    def _cpu_nanoseconds(self) -> int:
        # The sum of all threads is more exact than the process's own.
        files = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(file.read_text(encoding="ascii").split()[0]) for file in files)

    def close(self) -> None:
        self._connection.close()
        self._process.communicate()


def costs(folder: Path, rounds: int, requests: int) -> list[Cost]:
    """Measure the servers in turn, one after the other in each round."""
    measured: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    with ExitStack() as stack:
        servers = {}
        for number, (variant, options) in enumerate(VARIANTS.items()):
            servers[variant] = server = _Server(folder / f"{number}.db", options)
            stack.callback(server.close)
            _fill(server)
        for _ in range(rounds):
            for operation, call in OPERATIONS.items():
                for variant, server in servers.items():
                    microseconds = server.cpu_nanoseconds_of(call, requests) / requests / 1000
                    measured[operation, variant].append(microseconds)
    return [Cost(*what, median(each)) for what, each in measured.items()]


def _fill(server: _Server) -> None:
    for number in range(_MEMORIES):
        content = f"On day {number}, Ada drank coffee in the morning and tea at {number % 12}"
        server.call("POST", "/v1/memories", {"content": content, "tier": "long"})
