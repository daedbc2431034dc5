"""What a measurement ran on: without it, no figure says anything."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

__all__ = ["described"]

_PACKAGES = ("numpy", "onnxruntime", "uvicorn")


def described(load: float, command: str) -> str:
    """Return a sentence on the machine, the versions and the command.

    Args:
        load: how many processes wanted to run as the measurement began; more than there are
            cores means that other work was in its way.
        command: what measures it again.
    """
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}; Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}. "
        f"As it began, {load:.1f} processes wanted to run, on average. The command: `{command}`."
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
