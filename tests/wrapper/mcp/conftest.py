"""What the tests of the MCP server share: the official client, on a server here or in a process."""

from __future__ import annotations

import os
import sys

import pytest

from memoryos import AsyncMemoryOS, MemoryOS


@pytest.fixture
def data(tmp_path):
    return tmp_path / "memories.db"


@pytest.fixture
def memory(data, local):
    """The SDK on the file that the server uses."""
    with MemoryOS.local(str(data)) as client:
        yield client


@pytest.fixture
def local(data):
    """A function that makes an asynchronous client on the file; nothing loads a model for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEMORY_OS_EMBEDDER", "hashing")
        yield lambda: AsyncMemoryOS.local(str(data))


@pytest.fixture
def connected(local):
    """A function that connects the official client to a server in this process."""
    from memoryos.mcp import create_server

    from .official_client import in_process

    def connect(account=None, **settings):
        return in_process(create_server(account or local(), **settings))

    return connect


@pytest.fixture
def started(data):
    """A function that starts `memoryos mcp` as a host does, and connects the official client."""
    from .official_client import over_stdio

    def connect(*options, errors=sys.stderr, **environment):
        arguments = ["-m", "memoryos", "mcp", *(options or ("--data", str(data)))]
        environment = {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), **environment}
        return over_stdio(sys.executable, arguments, environment, errors)

    return connect


@pytest.fixture
def served():
    """A server with `/mcp`, on memories in memory."""
    from .http_server import serving

    with serving() as server:
        yield server


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def served_on_both(request):
    """A server with `/mcp`, on each store."""
    from .http_server import serving

    on_sqlite = request.param == "SQLite"
    with serving(":memory:" if on_sqlite else request.getfixturevalue("new_database")()) as server:
        yield server
