"""What the tests on the Memory OS of this machine share: a file, and a quick embedder for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from memoryos import MemoryOS


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A file for memories, which in this process are found by equal words: no model is loaded."""
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "hashing")
    return tmp_path / "memories.db"


@pytest.fixture
def memory(data):
    """The SDK on the same file, to fill it and to look into it."""
    with MemoryOS.local(str(data)) as client:
        yield client


@pytest.fixture
def jsonl(run):
    """A function that runs a command with `--json`, and returns its lines."""

    def run_json(*arguments, **settings):
        result = run(*arguments, "--json", **settings)
        assert (result.status, result.err) == (0, "")
        return [json.loads(line) for line in result.lines]

    return run_json


@pytest.fixture
def command(data):
    """A function that starts `memoryos` as a process of its own, on the file."""

    def start(*arguments, **settings):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
        environment = {**os.environ, **options.pop("env", {})}
        words = [sys.executable, "-m", "memoryos", *map(str, arguments), "--data", str(data)]
        return subprocess.Popen(words, env=environment, **options)

    return start
