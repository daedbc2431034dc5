"""`memoryos reembed`, killed at random moments: it goes on, and what comes out is the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from .parts import Turned, vectors_of

pytestmark = [
    pytest.mark.both_stores,
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL"),
]

LONG = bool(os.environ.get("MEMORY_OS_LONG_TESTS"))
PATIENCE_SECONDS = 120
MEMORIES = 3000 if LONG else 600
KILLS = 60 if LONG else 8
LONGEST_RUN = 1.0 if LONG else 0.3  # seconds

# What the command runs: it takes small steps, and says so, that it can be killed between any two.
PROGRAM = """
import sys
from memoryos_server.service import reembedding
reembedding._BATCH_SIZE = 16
run = reembedding.Reembedding.run
def told(self, report):
    print("running", flush=True)
    return run(self, report)
reembedding.Reembedding.run = told
from memoryos._cli.main import main
sys.exit(main(sys.argv[1:]))
"""
MODULE = """
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
import numpy as np
class Turned(HashingEmbedder):
    def __init__(self, steps):
        super().__init__(64)
        self.steps, self.name = steps, f"turned-{steps}-64"
    def embed(self, texts):
        return np.roll(super().embed(texts), self.steps, axis=1)
back, turned = Turned(0), Turned(5)
"""


@pytest.fixture
def filled(start, user_of, place):
    service = start(place, embedder=Turned(0))
    user = user_of(service)
    for number in range(MEMORIES):
        user.create(f"note{number} of Ada", tier="long")
    return service


@pytest.fixture
def start_command(place, tmp_path):
    """Start the command as a process, which has begun when this returns."""
    tmp_path.joinpath("turned.py").write_text(MODULE, encoding="utf-8")
    where = ["--store", place] if isinstance(place, str) else ["--data", str(place)]
    command = [sys.executable, "-W", "error", "-c", PROGRAM, "reembed", *where]

    def begin(embedder):
        process = subprocess.Popen(
            [*command, "--embedder", f"python:turned:{embedder}"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        first = iter(process.stdout.readline, "")
        assert "running\n" in first, process.stderr.read()
        return process

    return begin


def is_killed(process, seconds):
    """Wait for the end of a process, and kill it after some time; say whether it was killed."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode in (0, -signal.SIGKILL), errors
    return process.returncode != 0


def test_killed_again_and_again_it_comes_to_the_same(
    filled, start_command, rows_of, user_of, start, place
):
    """At each moment all vectors are one embedder's. Where it was done, it is done back."""
    chance = random.Random(7)
    contents = list(vectors_of(rows_of, filled))
    possible = {
        name: dict(zip(contents, Turned(steps).embed(contents).astype("f4").tolist()))
        for name, steps in (("back", 0), ("turned", 5))
    }
    wanted = "turned"
    for _ in range(KILLS):
        killed = is_killed(start_command(wanted), chance.uniform(0, LONGEST_RUN))
        assert vectors_of(rows_of, filled) in possible.values()
        if not killed:
            assert vectors_of(rows_of, filled) == possible[wanted]
            wanted = "back" if wanted == "turned" else "turned"
    for name in ("back", "turned"):
        assert not is_killed(start_command(name), PATIENCE_SECONDS)
        assert vectors_of(rows_of, filled) == possible[name]
    if isinstance(place, Path):
        assert rows_of(filled, "PRAGMA integrity_check") == [("ok",)]
    user = user_of(start(place, embedder=Turned(5)))
    assert "note77 of Ada" in user.found("note77 of Ada", threshold=0.99, limit=100)
    assert user.page().meta["total"] == MEMORIES
