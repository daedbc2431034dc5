"""The hashing embedder: a bag of words without a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.hashing_embedder import HashingEmbedder


def test_the_hashing_embedder_finds_shared_words_only():
    one, same, shared, other = HashingEmbedder().embed(
        ["Red bicycle", "bicycle, RED!", "blue bicycle", "warm soup"]
    )
    assert one @ same == pytest.approx(1)
    assert one @ shared == pytest.approx(0.5)
    assert one @ other == pytest.approx(0)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_the_hashing_embedder_gives_every_text_a_unit_vector(texts):
    vectors = HashingEmbedder(16).embed(texts)
    assert vectors.shape == (len(texts), 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_the_hashing_embedder_rejects_a_single_dimension():
    with pytest.raises(ValueError, match="at least 2"):
        HashingEmbedder(1)
