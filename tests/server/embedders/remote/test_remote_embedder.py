"""Embedders that call a service: batches, windows, the cache, and unusable vectors."""

from __future__ import annotations

import httpx
import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders import OllamaEmbedder
from memoryos_server.embedders.hashing_embedder import HashingEmbedder

from .fake_service import MEMORY, error_of


def test_rows_are_in_the_order_of_the_texts_and_of_unit_length(remote_embedder, service):
    """OpenAI's responses carry indexes, and the fake service returns them reversed."""
    texts = ["tea", "coffee", "milk"]
    rows = remote_embedder.embed(texts)
    expected = HashingEmbedder(service.dimension).embed(texts)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, expected, atol=1e-6)
    assert remote_embedder.embed([]).shape[0] == 0


def test_many_texts_are_sent_in_batches_and_each_once(remote_embedder, service):
    texts = [f"text {number % 250}" for number in range(300)]
    rows = remote_embedder.embed(texts)
    assert rows.shape == (300, service.dimension)
    assert [len(body["input"]) for body in service.bodies()] == [128, 122]
    np.testing.assert_array_equal(rows[10], rows[260])


def test_recent_texts_are_not_sent_again(openai_embedder, service):
    openai_embedder.embed(["tea"])
    openai_embedder.embed(["tea", "milk"])
    assert [body["input"] for body in service.bodies()] == [["tea"], ["milk"]]
    assert openai_embedder.usage == (2, 6)


def test_a_long_text_is_the_mean_of_its_windows(openai_embedder, service):
    """No window has more tokens than the model reads, since none has more bytes."""
    text = "wörd " * 3000
    (row,) = openai_embedder.embed([text])
    sent = [part for body in service.bodies() for part in body["input"]]
    assert "".join(sent) == text
    assert max(len(part.encode()) for part in sent) <= 8000
    assert np.linalg.norm(row) == pytest.approx(1)
    openai_embedder.embed(["x" * 1_000_000])
    assert sum(len(body["input"]) for body in service.bodies()) == len(sent) + 16


def test_the_dimension_is_learned_from_the_first_response(ollama_embedder, service):
    assert ollama_embedder.dimension == 768
    ollama_embedder.embed(["tea"])
    assert len(service.requests) == 2


@pytest.mark.parametrize("balance", [0.1, 0.35, 0.55, 0.95])
def test_the_assumed_map_gives_its_balance_the_similarity_0_7(balance):
    """The map is monotone, from 0 to 1."""
    cosines = np.linspace(-1, 1, 101)
    similarities = OllamaEmbedder("m", balance=balance).similarity(cosines)
    assert (np.diff(similarities) >= 0).all()
    assert (similarities.min(), similarities.max()) == (0, 1)
    found = OllamaEmbedder("m", balance=balance).similarity(np.array([balance]))
    assert found[0] == pytest.approx(0.7, abs=1e-4)


UNUSABLE = {
    "fewer vectors than texts": (lambda rows: rows[:-1], "0 vectors for 1 texts"),
    "more vectors than texts": (lambda rows: rows * 2, "2 vectors for 1 texts"),
    "NaN": (lambda rows: [[None, *rows[0][1:]]], "contains NaN or infinity"),
    "zeros": (lambda rows: [[0.0] * len(rows[0])], "a vector of zeros"),
    "too long": (lambda rows: [[0.1] * 3072], "vectors of 3072 numbers; the API takes 1 to 1536"),
    "no vectors": (lambda rows: ["tea"], "something other than number vectors"),
    "no numbers": (lambda rows: [["tea"] * 1536], "something other than number vectors"),
    "empty": (lambda rows: [[]], "vectors of 0 numbers"),
}


@pytest.mark.parametrize(("change", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_vectors_are_rejected_and_not_requested_again(
    remote_embedder, service, change, message
):
    path = "/embeddings" if remote_embedder.name.startswith("openai") else "/api/embed"
    url = remote_embedder.sends_to + path
    request = httpx.Request("POST", url, json={"input": [MEMORY]})
    service.plan = [service.embeddings(request, change)]
    assert message in error_of(remote_embedder).message
    assert len(service.requests) == 1


def test_vectors_of_another_length_than_before_are_rejected(ollama_embedder, service):
    ollama_embedder.embed(["tea"])
    service.dimension = 384
    assert "vectors of 384 numbers instead of 768" in error_of(ollama_embedder).message


def test_vectors_of_another_length_than_the_models_are_rejected(openai_embedder, service):
    service.dimension = 512
    assert "vectors of 512 numbers instead of 1536" in error_of(openai_embedder).message
