"""The local Memory OS as a process of its own, with as many owners as the tests want."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import NamedTuple

from memoryos_server.model.caller import DEFAULT_OWNER
from memoryos_server.service.operations import open_service
from memoryos_server.stores.database_url import is_address

PATIENCE_SECONDS = 60


class Server(NamedTuple):
    """A server that runs, its file or database, and the key of its default owner."""

    base_url: str
    api_key: str
    data: Path | str

    def new_key(self, **settings):
        """Make a key, for an owner without memories unless `owner` says otherwise."""
        return _new_key(self.data, **{"owner": uuid.uuid4().hex, **settings})


def _new_key(data, **settings):
    with contextlib.closing(open_service(data, embedder=None)) as service:
        return service.create_key(**settings)


@contextlib.contextmanager
def serving(data, embedder="hashing"):
    """Serve the file or database `data` on a free port for a while.

    It must stop with status 0 when asked to, without a word on standard error.
    """
    place = "--store" if is_address(str(data)) else "--data"
    options = ["--port", "0", place, str(data), "--embedder", embedder, "--no-key", "--json"]
    command = [sys.executable, "-W", "error", "-m", "memoryos_server", *options]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MEMORY_OS_LOG": "warning"},
    ) as process:
        try:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            told = json.loads(line)
            yield Server(told["base_url"], _new_key(data, owner=DEFAULT_OWNER), data)
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, errors) == (0, ""), errors
