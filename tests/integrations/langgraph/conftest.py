"""Both kinds of client, of one Memory OS, and of one that is down."""

from __future__ import annotations

import pytest

from memoryos import AsyncMemoryOS, MemoryOS

NOBODY = "http://127.0.0.1:9/v1"  # the port `discard`, where nothing listens


@pytest.fixture
def async_memory(sandbox):
    """An asynchronous client on the memories of `memory`."""
    return sandbox.async_client()


@pytest.fixture
def down():
    with MemoryOS("mos_test_" + "x" * 32, base_url=NOBODY, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_down():
    async with AsyncMemoryOS("mos_test_" + "x" * 32, base_url=NOBODY, max_retries=0) as client:
        yield client
