"""Embedders that call a fake service, without taking time."""

from __future__ import annotations

from types import SimpleNamespace

import pytest


@pytest.fixture
def service(monkeypatch):
    """A fake service. The pauses of stamina, which sleeps by tenacity, are recorded only."""
    pytest.importorskip("stamina", reason="needs the extra [local]: stamina not installed")
    from memoryos_server.embedders.remote import http_service

    from .fake_service import FakeService

    fake = FakeService()
    monkeypatch.setattr(http_service, "time", fake)
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=fake.sleep))
    return fake


@pytest.fixture
def openai_embedder(service, monkeypatch):
    from memoryos_server.embedders import OpenAIEmbedder

    from .fake_service import KEY

    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\r\n")
    return OpenAIEmbedder(transport=service.transport)


@pytest.fixture
def ollama_embedder(service):
    from memoryos_server.embedders import OllamaEmbedder

    service.dimension = 768
    return OllamaEmbedder("nomic-embed-text", transport=service.transport)


@pytest.fixture(params=["openai_embedder", "ollama_embedder"])
def remote_embedder(request):
    return request.getfixturevalue(request.param)
