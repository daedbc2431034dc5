"""Profiles calls with cProfile, in a peer's own environment.

    python profile_calls.py PEER ADDRESS

Prints, as JSON, for each operation and part of the program: the number of function calls, and the
share of the CPU time. Profiling has a cost of its own, which is attributed to small functions.
"""

from __future__ import annotations

import cProfile
import importlib
import json
import pstats
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_CALLS = 500
_PACKAGES = ("h11", "httpcore", "httpx", "memoryos", "memoryos_api")
_BUILT_IN = {
    "_socket": "sockets",
    "poll": "sockets",
    "_json": "JSON",
    "orjson": "JSON",
    "httptools": "httptools",
}


def part_of(file: str, name: str) -> str:
    """Return which part of the program a function belongs to."""
    for package in _PACKAGES:
        if f"/{package}/" in file.replace("\\", "/"):
            return "memoryos" if package == "memoryos_api" else package
    if "/json/" in file:
        return "JSON"
    found = [part for word, part in _BUILT_IN.items() if file == "~" and word in name]
    return found[0] if found else "Python's own"


def main() -> None:
    """Profile a create, and a list of 100."""
    client = importlib.import_module(sys.argv[1]).Blocking(sys.argv[2], None)
    operations = {"create": client.create, "list of 100": lambda: client.list(100)}
    print(json.dumps({name: _profiled(call) for name, call in operations.items()}))


def _profiled(call: Callable[[], Any]) -> dict[str, list[float]]:
    for _ in range(100):
        call()
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for _ in range(_CALLS):
        call()
    profile.disable()
    stats: Any = pstats.Stats(profile)
    parts: dict[str, list[float]] = {}
    for (file, _line, name), (_, calls, own_time, *_rest) in stats.stats.items():
        part = parts.setdefault(part_of(file, name), [0, 0])
        part[0] += calls / _CALLS
        part[1] += own_time / stats.total_tt
    return parts


if __name__ == "__main__":
    main()
