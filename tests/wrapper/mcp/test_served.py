"""`/mcp` of a server that is a process of its own: it finds the tools by itself."""

from __future__ import annotations

import contextlib

import httpx
import pytest

from tests.server.processes.served import STARTED, serving

from .calls import answer
from .official_client import over_http

pytestmark = [pytest.mark.anyio, pytest.mark.local_server]

# Packages of MCP warn when they are imported.
TOLERANT = ("-W", "default")
PROGRAMS = [(*TOLERANT, "-m", "memoryos", "serve"), (*TOLERANT, "-m", "memoryos_server")]


@pytest.fixture(autouse=True)
def _no_server_outlives_its_test():
    yield
    while STARTED:
        STARTED.pop().kill()


@pytest.mark.parametrize("program", PROGRAMS, ids=["memoryos serve", "memoryos_server"])
async def test_the_first_key_opens_it(tmp_path, program):
    with serving(tmp_path / "memories.db", program=program) as server:
        async with over_http(f"http://{server.address}/mcp", server.api_key) as client:
            await answer(client, "remember", content="Ada drinks tea")
            assert (await answer(client, "list_memories"))["total"] == 1
        with contextlib.closing(server.client()) as api:
            (stored,) = api.done("GET", "/memories")
        assert stored["content"] == "Ada drinks tea"


def test_it_can_be_left_out(tmp_path):
    """Then there is nothing at its path."""
    with serving(tmp_path / "memories.db", "--no-mcp") as server:
        assert httpx.post(f"http://{server.address}/mcp", json={}).status_code == 404
