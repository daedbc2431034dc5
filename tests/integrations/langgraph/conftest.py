"""A local Memory OS for both kinds of client, and one that is down."""

from __future__ import annotations

import pytest

from memoryos import AsyncMemoryOS, MemoryOS

NOBODY = "http://127.0.0.1:9/v1"  # the port `discard`, where nothing listens


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "memories.db")


@pytest.fixture
def memory(path):
    with MemoryOS.local(path, embedder="hashing") as client:
        yield client


@pytest.fixture
async def async_memory(path):
    """A client on the same memories."""
    async with AsyncMemoryOS.local(path, embedder="hashing") as client:
        yield client


@pytest.fixture
def down():
    with MemoryOS("mos_test_" + "x" * 32, base_url=NOBODY, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_down():
    async with AsyncMemoryOS("mos_test_" + "x" * 32, base_url=NOBODY, max_retries=0) as client:
        yield client
