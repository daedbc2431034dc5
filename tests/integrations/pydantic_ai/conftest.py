"""What synchronous runs need."""

from __future__ import annotations

import asyncio

import pytest


@pytest.fixture
def own_event_loop():
    """The event loop of `run_sync`, which doesn't close it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()
