"""Our own examples run, as somebody would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
HELPERS = {"display.py"}

# What each of them must have printed, among other things: what it found, and used in a context.
PRINTED = {
    "quickstart.py": [
        "Does not eat meat, and is allergic to peanuts",
        "- Giving a birthday dinner for eight friends on Saturday",
        "404 NOT_FOUND",
        "Plays the cello in an orchestra",
        "The greenhouse is watered at six in the morning",
    ],
}


def run_example(name, environment):
    """Run an example in a process where every warning is an error."""
    return subprocess.run(
        [sys.executable, "-B", "-W", "error", "-X", "utf8", str(EXAMPLES / name)],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_every_example_is_run_here():
    assert {file.name for file in EXAMPLES.glob("*.py")} == set(PRINTED) | HELPERS


@pytest.mark.embedder
@pytest.mark.parametrize("name", PRINTED)
def test_an_example_runs_over_http_and_prints_what_it_is_for(name, account):
    finished = run_example(name, account.environment)
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stderr
    for expected in PRINTED[name]:
        assert expected in finished.stdout
    with account.client() as memory:
        assert memory.memories.list()["data"] == []  # it deletes what it made


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_without_a_key_says_how_to_get_one(name):
    finished = run_example(name, {})
    assert finished.returncode == 1
    assert "make serve" in finished.stderr
    assert "Traceback" not in finished.stderr
