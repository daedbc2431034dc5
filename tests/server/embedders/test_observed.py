"""The embedder that reports its calls: what is counted, and what stays of the embedder."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.embedders.observed import ObservedEmbedder


class Calls(list):
    def embedded(self, texts, seconds, *, failed):
        assert seconds >= 0
        self.append((texts, failed))


class FrenchService(HashingEmbedder):
    sends_to = "https://example.com"
    languages = frozenset({"fr"})

    def embed(self, texts):
        if "fail" in texts:
            raise ConnectionError
        return super().embed(texts)


def test_each_call_is_counted_with_its_texts_also_if_it_fails():
    calls = Calls()
    embedder = ObservedEmbedder(FrenchService(8), calls)
    assert embedder.embed(["un", "deux"]).shape == (2, 8)
    assert embedder.embed([]).shape == (0, 8)
    with pytest.raises(ConnectionError):
        embedder.embed(["fail"])
    assert calls == [(2, False), (0, False), (1, True)]


def test_everything_else_is_the_embedders():
    own = FrenchService(8)
    embedder = ObservedEmbedder(own, Calls())
    assert (embedder.name, embedder.dimension) == (own.name, 8)
    assert (embedder.sends_to, embedder.languages) == (own.sends_to, own.languages)
    assert embedder.similarity(0.5) == own.similarity(0.5)
    assert not hasattr(embedder, "usage")
