"""The machine that a benchmark runs on."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

__all__ = ["core", "describe", "describe_run", "pin"]

_PACKAGES = ("numpy", "onnxruntime", "uvicorn")


def core() -> int | None:
    """Return the core to measure on, or None where a process can't be pinned."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    return max(os.sched_getaffinity(0))


def pin(number: int | None) -> None:
    """Pin this process, and those that it starts, to a core."""
    if number is not None:
        os.sched_setaffinity(0, {number})


def describe() -> str:
    """Return the processor, the number of cores, the system and the Python in one line."""
    cores = os.cpu_count() or 1
    return (
        f"{_processor()}, {cores} core{'' if cores == 1 else 's'}, {platform.system()} "
        f"{platform.release()}, {platform.python_implementation()} {platform.python_version()}"
    )


def describe_run(load: float, command: str) -> str:
    """Return a sentence with the machine, the versions, its load and the command.

    Args:
        load: The load average at the start; above the number of cores, other work interfered.
        command: The command that repeats the measurement.
    """
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{describe()}, SQLite {sqlite3.sqlite_version}, {packages}. "
        f"Load average at the start: {load:.1f}. Command: `{command}`."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
