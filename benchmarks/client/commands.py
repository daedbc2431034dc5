"""The cost of the command line, beside an import of httpx, in this program's environment."""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .environments import FOLDER, own_environment
from .lineup import BASE, OWN
from .measures import Sample
from .workers import environ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["COMMANDS", "IMPORT", "LIST", "run_commands"]

IMPORT = "import httpx"
LIST = "list --data FILE"
COMMANDS = ("--version", LIST, "tags --data FILE", "stats --data FILE", "search QUERY --data FILE")
"""The arguments of `memoryos`."""

_MEMORIES = ("Ada drinks her coffee black", "Max plays chess", "The bakery closes at noon")


def run_commands(rounds: int, tell: Callable[[str], None]) -> Iterator[Sample]:
    """Yield the CPU time of each command, round after round; the first round is discarded."""
    environment = own_environment()
    python = str(environment.python)
    variables = environ(environment)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        file = str(Path(folder) / "memories.db")
        words = {"FILE": file, "QUERY": "coffee"}
        programs = {(IMPORT, BASE): [python, "-c", IMPORT]}
        for command in COMMANDS:
            arguments = [words.get(word, word) for word in command.split()]
            programs[command, OWN] = [python, "-m", "memoryos", *arguments]
        for memory in _MEMORIES:
            _run([python, "-m", "memoryos", "create", memory, "--data", file], variables)
        chance = random.Random(3)
        for number in range(rounds + 1):  # the first fills the disk's cache
            tell(f"commands: round {number} of {rounds}")
            for (measure, peer), program in chance.sample(list(programs.items()), len(programs)):
                cpu, wall = _run(program, variables)
                if number:
                    yield Sample(measure, peer, number, cpu, wall, 0, 1)


def _run(program: list[str], variables: dict[str, str]) -> tuple[float, float]:
    """Run a program to its end, and return its seconds of CPU and of wall clock."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        program,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(program)} failed")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - begun
