"""One server for all, and the embedder of these tests: it compares words, and loads no model."""

from __future__ import annotations

import pytest

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.service import operations

from .servers import serving


@pytest.fixture
def _by_words(monkeypatch):
    """Let a Memory OS in this process embed as the server of these tests does."""
    monkeypatch.setattr(operations, "default_embedder", HashingEmbedder)


@pytest.fixture(scope="session")
def server_on_postgres(postgres):
    """The same on a PostgreSQL database."""
    with serving(postgres.make_database()) as server:
        yield server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The local Memory OS, served by a process of its own."""
    with serving(tmp_path_factory.mktemp("served") / "memories.db") as server:
        yield server
