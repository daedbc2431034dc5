"""The time from the start of `memoryos serve` until it listens, and until it is ready."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Start", "start_times"]

_POLL_SECONDS = 0.005
_PATIENCE_SECONDS = 120.0


class Start(NamedTuple):
    """The median of some starts, in seconds.

    Attributes:
        embedder: The option `--embedder`.
        is_first: Whether Python compiled the modules anew, as at the first start after an
            installation.
        listening: Until the startup message.
        ready: Until `/readyz` answers 200.
    """

    embedder: str
    is_first: bool
    listening: float
    ready: float


def start_times(folder: Path, embedder: str, starts: int, *, is_first: bool) -> Start:
    """Start a server repeatedly, on one file."""
    file = folder / f"{embedder}.db"
    _start(file, embedder, {})  # makes the file
    times = []
    for _ in range(starts):
        with tempfile.TemporaryDirectory() as bytecode:
            variables = {"PYTHONPYCACHEPREFIX": bytecode} if is_first else {}
            times.append(_start(file, embedder, variables))
    listening, ready = zip(*times, strict=True)
    return Start(embedder, is_first, median(listening), median(ready))


def _start(file: Path, embedder: str, variables: dict[str, str]) -> tuple[float, float]:
    command = [sys.executable, "-m", "memoryos", "serve", "--port", "0", "--json"]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--data", str(file), "--embedder", embedder],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **variables},
    )
    assert process.stdout is not None
    address = urlsplit(json.loads(process.stdout.readline())["base_url"]).netloc
    listening = time.perf_counter() - begun
    try:
        _wait_until_ready(address)
        return listening, time.perf_counter() - begun
    finally:
        process.terminate()
        process.communicate()


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(address)
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
        connection.close()
        if status == 200:
            return
        time.sleep(_POLL_SECONDS)
    raise RuntimeError("the server has not become ready")
