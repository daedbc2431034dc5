"""The machine that is measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path

__all__ = ["core", "describe", "pin"]


def core() -> int | None:
    """Return the core to measure on; None where processes can't be kept on one."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    return max(os.sched_getaffinity(0))


def pin(number: int | None) -> None:
    """Keep this process, and those that it starts, on a core."""
    if number is not None:
        os.sched_setaffinity(0, {number})


def describe() -> str:
    """Return the processor, the number of cores, the system and the Python in one line."""
    cores = os.cpu_count() or 1
    return (
        f"{_processor()}, {cores} core{'' if cores == 1 else 's'}, {platform.system()} "
        f"{platform.release()}, {platform.python_implementation()} {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
