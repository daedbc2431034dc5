"""The Ollama embedder: its requests and its settings."""

from __future__ import annotations

import json

import httpx
import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders import OllamaEmbedder

from .fake_service import error_of


def test_requests_follow_the_documentation_of_ollama(ollama_embedder, service):
    ollama_embedder.embed(["tea", "coffee"])
    (request,) = service.requests
    assert str(request.url) == "http://127.0.0.1:11434/api/embed"
    assert "authorization" not in request.headers
    assert json.loads(request.content) == {"model": "nomic-embed-text", "input": ["tea", "coffee"]}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("gpu.lan", "http://gpu.lan:11434"),
        ("0.0.0.0:9999", "http://127.0.0.1:9999"),
        ("https://ollama.example.com/", "https://ollama.example.com"),
        ("http://[::1]", "http://[::1]:11434"),
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(monkeypatch, host, url):
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert OllamaEmbedder("m").sends_to == url


def test_an_error_for_a_missing_model_names_the_command_that_pulls_it(ollama_embedder, service):
    service.plan = [httpx.Response(404, json={"error": 'model "nomic-embed-text" not found'})]
    assert error_of(ollama_embedder).message.endswith("run: ollama pull nomic-embed-text")
