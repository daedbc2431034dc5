"""What the tests of the command line share: running it in this process, and an API to run it on."""

from __future__ import annotations

import io
import sys
from typing import NamedTuple

import pytest
import respx

from memoryos._cli.main import main

KEY = "mos_test_commandline0123456789"
BASE_URL = "http://memory.test/v1"
# What would let rich take the tests' streams for a terminal, or change its colours.
TERMINAL_VARIABLES = ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS")


class Result(NamedTuple):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch):
    for name in (*TERMINAL_VARIABLES, "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def run(capsys, monkeypatch):
    """A function that runs `memoryos` with these arguments in this process."""

    def run_main(*arguments, stdin=None):
        given = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given or b"")))
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
        return Result(status, *capsys.readouterr())

    return run_main


@pytest.fixture
def api(monkeypatch):
    """The API, which answers what a test tells it; the environment leads every command there."""
    monkeypatch.setenv("MEMORY_OS_API_KEY", KEY)
    monkeypatch.setenv("MEMORY_OS_BASE_URL", BASE_URL)
    with respx.mock(base_url=BASE_URL, assert_all_called=True) as routes:
        yield routes
