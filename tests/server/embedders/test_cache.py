"""The cache of vectors."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.cache import VectorCache


def test_a_full_cache_evicts_the_least_recently_used_vector():
    cache = VectorCache(2)
    for text in ("a", "b"):
        cache.put(text, np.full(1, ord(text)))
    cache.get("a")
    cache.put("c", np.full(1, ord("c")))
    assert [cache.get(text) is None for text in "abc"] == [False, True, False]


def test_a_cache_of_size_0_keeps_nothing():
    cache = VectorCache(0)
    cache.put("a", np.zeros(1))
    assert cache.get("a") is None
