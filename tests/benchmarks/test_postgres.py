"""What measures PostgreSQL runs, at a tiny size, on the PostgreSQL of the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from benchmarks.postgres import data

PROGRAM = Path(__file__).resolve().parents[2] / "benchmarks" / "postgres" / "measure.py"


def test_a_tiny_database_is_measured_and_found_whole(postgres):
    """The table has a row for each kind of search, and of so few memories all are found."""
    command = [sys.executable, str(PROGRAM), "--sizes", "300", "--url", postgres.url("postgres")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if "| 300 |" in line]
    searches = [row for row in rows if row.startswith("| search: ")]
    assert len(searches) == len(data.SELECTIONS)
    assert all(row.endswith("| 1.0 |") for row in searches)
