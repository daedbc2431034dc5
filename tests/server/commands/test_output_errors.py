"""Every command of the server with an output or a file that fails: one line, never a traceback."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from memoryos_server.commands import COMMANDS, configure

PATIENCE_SECONDS = 60
LAUNCHERS = ("memoryos", "memoryos_server")
FULL = Path("/dev/full")
NEW_KEY_HINT = "Copy the key now: only its hash is stored.\n"
# A value that fits each required argument of the commands.
VALUES = {
    "embedder": "none",
    "id": "0123456789ab",
    "file": "copy.db",
    "backup": "backup.db",
    "target": "copy.db",
}
# The option that names the database, which each call adds.
DATA = {"migrate": "--from"}
OPTIONS = {"serve": ["--port", "0"], "restore": ["--yes"]}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of Unix")


def calls_of(name, parser):
    """Return the command lines of a command with its required arguments, one for each action."""
    actions = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if actions:
        return [[name, *call] for inner in actions[0].choices.items() for call in calls_of(*inner)]
    call = [name]
    for action in parser._actions:
        if not action.option_strings:
            call.append(VALUES[action.dest])
        elif action.required and DATA.get(name) not in action.option_strings:
            call += [action.option_strings[0], VALUES[action.dest]]
    return [call]


def every_call():
    calls = []
    for name in COMMANDS:
        parser = argparse.ArgumentParser()
        configure(name, parser)
        calls += calls_of(name, parser)
    return calls


CALLS = every_call()
NAMES = [" ".join(call) for call in CALLS]


@pytest.fixture
def run(tmp_path):
    """A function that runs a command line as a process in a folder with a database."""

    def start(launcher, *arguments, data="m.db", **settings):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
        words = [sys.executable, "-m", launcher, *arguments, DATA.get(arguments[0], "--data"), data]
        words += OPTIONS.get(arguments[0], [])
        environment = {**os.environ, "MEMORY_OS_EMBEDDER": "none"}
        return subprocess.run(
            words,
            cwd=tmp_path,
            env=environment,
            timeout=PATIENCE_SECONDS,
            check=False,
            text=True,
            **options,
        )

    return start


@pytest.fixture
def key_id(run):
    """The id of a key in the database, which this creates, with a backup."""
    made = run("memoryos_server", "keys", "create")
    copied = run("memoryos_server", "backup", VALUES["backup"])
    assert (made.returncode, copied.returncode) == (0, 0)
    return dict(line.rsplit(maxsplit=1) for line in made.stdout.splitlines())["id"]


def with_id(call, key_id):
    return [key_id if word == VALUES["id"] else word for word in call]


@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_a_closed_pipe_ends_it_quietly(run, key_id, launcher, call):
    """With the status that shells give a program that SIGPIPE ended."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        ended = run(launcher, *with_id(call, key_id), stdout=pipe)
    assert (ended.returncode, ended.stderr.replace(NEW_KEY_HINT, "")) == (141, "")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_a_full_disk_is_one_line(run, key_id, launcher, call):
    """The output is lost, and the status says so."""
    with FULL.open("w") as full:
        ended = run(launcher, *with_id(call, key_id), stdout=full)
    error = f"memoryos {call[0]}: No space left on device\n"
    assert (ended.returncode, ended.stderr.replace(NEW_KEY_HINT, "")) == (1, error)


@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_an_overlong_file_name_is_one_line(run, key_id, launcher, call):
    """The reason is named."""
    ended = run(launcher, *call, data="x" * 300)
    assert ended.returncode in (1, 2)
    assert (ended.stdout, ended.stderr.count("\n")) == ("", 1)
    assert ended.stderr.startswith(f"memoryos {call[0]}: ")
    assert "File name too long" in ended.stderr


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_closed_standard_streams_are_the_null_device(run, key_id, launcher):
    """As after `>&- 2>&-` in a shell."""

    def close():
        for descriptor in (0, 1, 2):
            os.close(descriptor)

    ended = run(launcher, "keys", "list", stdout=None, stderr=None, preexec_fn=close)
    assert ended.returncode == 0


def test_an_overlong_name_of_a_copy_is_one_line(run, key_id):
    """The reason is named."""
    ended = run("memoryos", "backup", "x" * 300)
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "File name too long" in ended.stderr
