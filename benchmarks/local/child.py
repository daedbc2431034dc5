"""Run modules of this repository in child processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["cpu_seconds", "output_of"]

_REPOSITORY = Path(__file__).parents[2]


def output_of(module: str, *options: str) -> str:
    """Run a module to its end, and return what it printed.

    Raises:
        subprocess.CalledProcessError: It failed; its messages went to standard error.
    """
    command = [sys.executable, "-m", module, *options]
    return subprocess.run(
        command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process, from `/proc`, so on Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
