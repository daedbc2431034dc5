"""The OpenAI embedder: its requests and its settings."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders import OpenAIEmbedder

from .fake_service import KEY


def test_requests_follow_the_documentation_of_openai(openai_embedder, service):
    openai_embedder.embed(["tea", "coffee"])
    (request,) = service.requests
    assert str(request.url) == "https://api.openai.com/v1/embeddings"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {
        "model": "text-embedding-3-small",
        "input": ["tea", "coffee"],
        "encoding_format": "float",
    }


def test_the_base_url_comes_from_the_environment(monkeypatch, service):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://proxy.test/openai/v1/")
    OpenAIEmbedder(transport=service.transport).embed(["tea"])
    assert str(service.requests[0].url) == "http://proxy.test/openai/v1/embeddings"
