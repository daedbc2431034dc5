"""Standard output that is closed, full or without a reader, for commands without a client."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
PATIENCE_SECONDS = 60

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of Unix")


def run(*arguments, **settings):
    return subprocess.run(
        [sys.executable, "-m", "memoryos", *arguments],
        stderr=subprocess.PIPE,
        timeout=PATIENCE_SECONDS,
        check=False,
        text=True,
        **settings,
    )


def test_completion_into_a_closed_pipe_ends_quietly():
    """With the status that shells give a program that SIGPIPE ended."""
    pytest.importorskip("shtab")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        ended = run("completion", "bash", stdout=pipe)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_completion_onto_a_full_disk_is_one_line():
    """Standard output is flushed before the status is known."""
    pytest.importorskip("shtab")
    with FULL.open("w") as full:
        ended = run("completion", "bash", stdout=full)
    assert ended.returncode == 1
    assert ended.stderr == "memoryos completion: No space left on device\n"


UNWRITABLE = [["--help"], ["help", "list"], ["version"], ["--version"], ["completion", "bash"]]


@pytest.mark.parametrize("arguments", UNWRITABLE, ids=" ".join)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_every_command_into_a_closed_pipe_ends_quietly(arguments, stream):
    """Usage errors are written to standard error."""
    reading, writing = os.pipe()
    os.close(reading)
    words = arguments if stream == "stdout" else ["nonsense"]
    with os.fdopen(writing, "w") as pipe:
        streams = {"stdout": pipe, "stderr": subprocess.PIPE}
        if stream == "stderr":
            streams = {"stdout": subprocess.PIPE, "stderr": pipe}
        command = [sys.executable, "-m", "memoryos", *words]
        ended = subprocess.run(command, timeout=PATIENCE_SECONDS, check=False, text=True, **streams)
    assert ended.returncode == (141 if stream == "stdout" else 2)
    assert (ended.stdout or "") + (ended.stderr or "") == ""


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", UNWRITABLE, ids=" ".join)
def test_every_command_onto_a_full_disk_is_one_line(arguments):
    with FULL.open("w") as full:
        ended = run(*arguments, stdout=full)
    assert ended.returncode == 1
    assert ended.stderr.endswith(": No space left on device\n")
    assert ended.stderr.count("\n") == 1


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the local Memory OS needs Python 3.10")
def test_closed_standard_output_is_the_null_device(tmp_path):
    """As after `>&-` in a shell."""
    ended = run(
        *["create", "--data", str(tmp_path / "m.db"), "Ada"],
        env={**os.environ, "MEMORY_OS_EMBEDDER": "none"},
        preexec_fn=lambda: os.close(1),
    )
    assert (ended.returncode, ended.stderr) == (0, "")
