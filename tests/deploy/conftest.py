"""The command line of the service's unit, as a process that the tests start."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.server.processes.served import STARTED, Client

from .units import Unit

PATIENCE_SECONDS = 120


class Service:
    """A running `memoryos.service`."""

    def __init__(self, process):
        self.process = process
        line = process.stdout.readline()
        assert line, process.stderr.read()
        told = json.loads(line)
        self.key_file = Path(told["api_key_file"] or "none")
        self.address = urlsplit(told["base_url"])

    @contextlib.contextmanager
    def client(self, key=None):
        key = key or self.key_file.read_text(encoding="ascii").strip()
        with contextlib.closing(Client(self.address.netloc, key)) as client:
            yield client

    def stop(self):
        """Stop it as systemd does, and return its log."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0, log
        return log


@pytest.fixture(autouse=True)
def _no_server_outlives_its_test():
    yield
    while STARTED:
        STARTED.pop().kill()


@pytest.fixture
def state(tmp_path):
    """The folder in the place of /var/lib."""
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


@pytest.fixture
def unit(state):
    return Unit("memoryos.service", state)


@pytest.fixture
def start_service(unit):
    """Return a function that runs the unit's command line, as systemd would."""
    started = []

    def start(wrap=lambda command: command, **variables):
        test = {"MEMORY_OS_PORT": "0", "MEMORY_OS_JSON": "1", "MEMORY_OS_EMBEDDER": "hashing"}
        process = subprocess.Popen(
            wrap(unit.command),
            cwd=unit.values("WorkingDirectory")[0],
            env={**unit.environment, **test, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return Service(process)

    yield start
    for process in started:
        process.kill()
        process.communicate()
