"""What the tests of `memoryos reembed` share: a filled store, and its change."""

from __future__ import annotations

import pytest


@pytest.fixture
def small_batches(monkeypatch):
    """So that a few memories are several batches."""
    from memoryos_server.service import reembedding

    from .parts import AT_ONCE

    monkeypatch.setattr(reembedding, "_BATCH_SIZE", AT_ONCE)


@pytest.fixture
def filled(small_batches, start, user_of, place):
    """A store with the memories of two owners, embedded by one embedder."""
    from .parts import MANY, Turned

    service = start(place, embedder=Turned(0))
    for owner in ("ada", "bo"):
        for number in range(MANY // 2):
            user_of(service, owner).create(f"{owner} note{number}", tier="long")
    return service


@pytest.fixture
def reembed(place):
    """Change the embedder of the store, and say how many memories were embedded."""
    from .parts import opened

    def reembed(embedder):
        with opened(place, embedder) as reembedding:
            return reembedding.run(lambda count: None)

    return reembed
