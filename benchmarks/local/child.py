"""Programs of this repository in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Served", "cpu_seconds", "output_of", "serving"]

_REPOSITORY = Path(__file__).parents[2]
_PATIENCE = 60


class Served(NamedTuple):
    """A server that runs: where, a key for it, and its process."""

    base_url: str
    api_key: str
    process: subprocess.Popen[str]


def output_of(module: str, *options: str) -> str:
    """Run a module to its end, and return what it printed.

    Raises:
        subprocess.CalledProcessError: it failed; what it said went to standard error.
    """
    command = [sys.executable, "-m", module, *options]
    return subprocess.run(
        command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


@contextmanager
def serving(path: Path, embedder: str) -> Iterator[Served]:
    """Run `memoryos serve` on a file, with all other settings as they come; stop it in the end."""
    options = ["--port", "0", "--data", str(path), "--embedder", embedder, "--json"]
    command = [sys.executable, "-m", "memoryos_server", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield Served(told["base_url"], told["api_key"], process)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def cpu_seconds(pid: int) -> float:
    """Return how much of the processors' time a process has used; by `/proc`, so on Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
