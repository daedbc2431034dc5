"""Processes of `memoryos serve` and their CPU time."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ROOT",
    "SETTINGS",
    "Servers",
    "cpu_seconds_of_postgres",
    "postmaster",
    "running",
    "serving",
    "source_path",
]

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))

from postgres import running  # noqa: E402 - the PostgreSQL of the tests

from tools.demo import first_key  # noqa: E402

SETTINGS = {"listen_addresses": "", "shared_buffers": "512MB", "max_wal_size": "4GB"}
"""Settings of the PostgreSQL that the benchmark starts."""

_SOURCES = ("wrapper", "generated", "server")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Servers:
    """Running servers of one store.

    Attributes:
        ports: Their local ports.
        key: An API key.
        pids: Their process IDs.
    """

    ports: list[int]
    key: str
    pids: list[int]

    def cpu_seconds(self) -> float:
        """Return the CPU time of all processes so far."""
        return sum(map(_cpu_seconds, self.pids))


@contextlib.contextmanager
def serving(
    source: Path, place: str, *, processes: int, embedder: str, key: str = ""
) -> Iterator[Servers]:
    """Serve a file or a database by some processes, each on a port of its own.

    Args:
        source: Folder of a checkout of this repository.
        place: File, or URL of a PostgreSQL database.
        processes: Number of processes.
        embedder: Name of the embedder.
        key: An API key of the store, if it has one already.
    """
    option = "--store" if "://" in place else "--data"
    command = [sys.executable, "-m", "memoryos", "serve", "--port=0", "--json"]
    command += [f"{option}={place}", f"--embedder={embedder}"]
    environment = {**os.environ, "PYTHONPATH": source_path(source), "MEMORY_OS_LOG": "warning"}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        environment["XDG_DATA_HOME"] = folder  # the server of a database writes its key there
        ports, pids = [], []
        for _ in range(processes):
            process = stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
            )
            stack.callback(process.terminate)
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise RuntimeError("memoryos serve did not start; its messages are above")
            printed = json.loads(line)
            key = first_key(printed) or key
            ports.append(urlsplit(printed["base_url"]).port or 0)
            pids.append(process.pid)
        yield Servers(ports, key, pids)


def source_path(source: Path) -> str:
    """Return the PYTHONPATH of a checkout."""
    return os.pathsep.join(str(source / name) for name in _SOURCES)


def postmaster(url: str) -> int:
    """Return the process ID of a PostgreSQL server on this machine."""
    with psycopg.connect(url) as connection:
        return int(_stat(connection.info.backend_pid)[1])


def cpu_seconds_of_postgres(pid: int) -> float:
    """Return the CPU time of a PostgreSQL server so far, that of ended backends included."""
    backends = [stat for stat in map(_stat, _processes()) if stat and int(stat[1]) == pid]
    return sum(_ticks(stat, 13) for stat in backends) / _TICKS + _ticks(_stat(pid), 15) / _TICKS


def _cpu_seconds(pid: int) -> float:
    return _ticks(_stat(pid), 13) / _TICKS


def _processes() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _stat(pid: int) -> list[str]:
    """Return the fields of a process after its name: state, parent, … none if it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return stat.rpartition(")")[2].split()


def _ticks(stat: list[str], end: int) -> int:
    """Return user and system time; those of ended children too if `end` is 15."""
    return sum(map(int, stat[11:end]))
