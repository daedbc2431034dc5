"""What the tests of the MCP server share: the official client, on a server here or in a process."""

from __future__ import annotations

import contextlib
import functools
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
    from memoryos_server.embedders.hashing_embedder import HashingEmbedder
    from memoryos_server.http import in_process

    opened = functools.partial(in_process.open_local, embedder=HashingEmbedder())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_process, "open_local", opened)
        yield lambda: AsyncMemoryOS.local(str(data))


@pytest.fixture
def connected(local):
    """A function that connects the official client to a server in this process."""
    from mcp.client import Client

    from memoryos.mcp import create_server

    def connect(account=None, **settings):
        return Client(create_server(account or local(), **settings))

    return connect


@pytest.fixture
def started(data):
    """A function that starts `memoryos mcp` as a host does, and connects the official client."""
    from mcp.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    @contextlib.asynccontextmanager
    async def connect(*options, errors=sys.stderr, **environment):
        options = options or ("--data", str(data))
        environment = {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), **environment}
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "memoryos", "mcp", *options], env=environment
        )
        async with Client(stdio_client(server, errlog=errors)) as client:
            yield client

    return connect
