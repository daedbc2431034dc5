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

    def with_key(self):
        """Return it with a key of the default owner: it prints none where there is one."""
        if self.api_key is not None:
            return self
        return self._replace(api_key=self.new_key(owner=DEFAULT_OWNER))

    def new_key(self, **settings):
        """Make a key, for an owner without memories unless `owner` says otherwise."""
        service = open_service(self.data, embedder=None)
        try:
            return service.create_key(**{"owner": uuid.uuid4().hex, **settings})
        finally:
            service.close()


@contextlib.contextmanager
def serving(data, embedder="hashing"):
    """Serve the file or database `data` on a free port for a while.

    It must stop with status 0 when asked to, without a word on standard error.
    """
    place = "--store" if is_address(str(data)) else "--data"
    options = ["--port", "0", place, str(data), "--embedder", embedder, "--json"]
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
            yield Server(told["base_url"], told["api_key"], data).with_key()
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, errors) == (0, ""), errors
