"""`memoryos serve` as a process that can be killed, and a client that knows what was answered."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from memoryos_server.service.operations import open_service

PATIENCE_SECONDS = 120

# `make test-long` sets it: everything at full size.
LONG = bool(os.environ.get("MEMORY_OS_LONG_TESTS"))

# What is counted while the tests run, and told at the end.
TRIED: Counter[str] = Counter()


# The servers of this test, so that none outlives it, however it ends.
STARTED: list[Served] = []


class LostError(Exception):
    """No answer came."""


class Served:
    """A server on a file."""

    def __init__(
        self, data, *options, embedder="hashing", program=("-m", "memoryos", "serve"), api_key=None
    ):
        self.data = data
        self._known_key = api_key
        STARTED.append(self)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-W", "error", *program),
                *("--port", "0", "--json", "--data", str(data), "--embedder", embedder, *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "MEMORY_OS_LOG": "warning"},
        )

    def wait_until_ready(self):
        """Read the line that it prints when it listens, and return itself."""
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        told = json.loads(line)
        self.address = urlsplit(told["base_url"]).netloc
        file = told["api_key_file"]
        self.api_key = self._known_key or (self._new_key() if file is None else read_key(file))
        return self

    def _new_key(self):
        """Make a key for the default owner: the server makes none where there is one."""
        with contextlib.closing(open_service(self.data, embedder=None)) as service:
            return service.create_key()

    def client(self):
        return Client(self.address, self.api_key)

    def kill(self):
        """End it without a chance to tidy up; one that has ended is only forgotten."""
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_SECONDS)

    def stop(self):
        """Ask it to stop: it must, with status 0."""
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0, errors
        return errors


@contextlib.contextmanager
def serving(data, *options, **settings):
    """Serve for a while, and stop in order."""
    server = Served(data, *options, **settings)
    yield server.wait_until_ready()
    if server.process.poll() is None:
        server.stop()


def refusal(data, *options):
    """Start a server that must not start; return its one line of explanation."""
    server = Served(data, *options)
    out, errors = server.process.communicate(timeout=PATIENCE_SECONDS)
    assert (server.process.returncode, out) == (1, "")
    assert errors.count("\n") == 1, errors
    return errors


def read_key(file):
    """Read the API key that a server wrote to a file."""
    return Path(file).read_text(encoding="ascii").strip()


class Client:
    """One connection, which is made anew when it breaks."""

    def __init__(self, address, api_key):
        self._connection = http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS)
        self._headers = {"Authorization": f"Bearer {api_key}"}

    def call(self, method, path, body=None, **headers):
        """Return status and envelope.

        Raises:
            LostError: no whole answer came.
        """
        content = None if body is None else json.dumps(body)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request(method, f"/v1{path}", content, {**self._headers, **given})
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            raise LostError(f"{type(error).__name__}: {error}") from error

    def done(self, method, path, body=None, **headers):
        """Return the data of an answer that must be a success."""
        status, envelope = self.call(method, path, body, **headers)
        assert status == 200, envelope
        return envelope["data"]

    def close(self):
        self._connection.close()
