"""Functions as embedders: their vectors, and their failures."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos import MemoryOS
from memoryos.exceptions import MemoryOSError
from memoryos_server.embedders import CallableEmbedder
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.model.errors import ServiceError

MARKER = "TELLTALE0123456789"


def lengths(texts):
    """A function as users write it: it returns lists, not of unit length."""
    return [[float(len(text)), float(text.count("e")), 1.0] for text in texts]


def broken(texts):
    raise RuntimeError(f"{MARKER} {texts}")


def test_a_function_is_an_embedder():
    """Its vectors are scaled to unit length, and its dimension is learned."""
    embedder = CallableEmbedder("mine", lengths)
    rows = embedder.embed(["tea", "coffee"])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)
    assert embedder.dimension == 3
    assert CallableEmbedder("mine", lengths).dimension == 3
    assert embedder.similarity(np.array([0.5]))[0] == pytest.approx(0.7, abs=1e-4)


def test_a_similarity_function_replaces_the_assumed_map():
    embedder = CallableEmbedder("mine", lengths, 3, similarity=lambda cosines: cosines * 2)
    assert embedder.similarity(np.array([0.25, 0.75, -1])).tolist() == [0.5, 1, 0]


@pytest.mark.parametrize(
    "settings",
    [
        {"name": " "},
        {"name": "a\nb"},
        {"dimension": 0},
        {"dimension": 1537},
        {"balance": 0.0},
        {"balance": 1.0},
    ],
)
def test_arguments_out_of_range_are_rejected(settings):
    with pytest.raises(ValueError):
        CallableEmbedder(**{"name": "mine", "function": lengths, **settings})


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (broken, "failed with RuntimeError"),
        (lambda texts: None, "returned 0 vectors for 1 texts"),
        (lambda texts: [[1.0], [2.0]], "returned 2 vectors for 1 texts"),
        (lambda texts: [[float("nan")]], "contains NaN or infinity"),
        (lambda texts: [[0.0, 0.0]], "a vector of zeros"),
        (lambda texts: [[10**400]], "something other than number vectors"),
    ],
)
def test_a_function_that_fails_is_a_503_without_its_message(function, sentence):
    with pytest.raises(ServiceError) as error:
        CallableEmbedder("mine", function).embed(["tea"])
    assert (error.value.status, error.value.retry_after) == (503, 300)
    assert sentence in error.value.message
    assert MARKER not in error.value.message


def test_a_function_whose_vectors_change_their_length_is_rejected():
    embedder = CallableEmbedder("mine", lambda texts: [[1.0] * len(texts[0])])
    embedder.embed(["tea"])
    with pytest.raises(ServiceError, match="vectors of 6 numbers instead of 3"):
        embedder.embed(["coffee"])


# An outage


def outage(texts):
    raise ConnectionError(MARKER)


class Fragile:
    """A function that works until `works` is false."""

    def __init__(self):
        self.works = True

    def __call__(self, texts):
        return HashingEmbedder(32).embed(texts) if self.works else outage(texts)


def test_an_outage_is_a_503_and_leaves_nothing_half_done(tmp_path):
    """Repeated afterwards with the same idempotency key, a create creates once."""
    function = Fragile()
    embedder = CallableEmbedder("mine", function)
    with MemoryOS.local(str(tmp_path / "m.db"), embedder=embedder) as memory:
        kept = memory.memories.create("Ada likes tea", tier="long")
        function.works = False
        once = memory.with_options(max_retries=0)
        for call in (
            lambda: once.memories.create("Bo", tier="long", idempotency_key="k"),
            lambda: once.memories.update(kept["id"], content="Ada likes milk", tier="short"),
            lambda: once.search(query="tea"),
            lambda: once.get_context("tea"),
        ):
            with pytest.raises(MemoryOSError) as error:
                call()
            assert (error.value.status, error.value.code) == (503, "UNAVAILABLE")
            assert error.value.retry_after == 300
            assert MARKER not in str(error.value)
        assert [item["content"] for item in memory.memories.list()["data"]] == ["Ada likes tea"]
        assert memory.memories.get(kept["id"])["tier"] == "long"
        memory.memories.update(kept["id"], tier="medium")
        function.works = True
        made = memory.memories.create("Bo", tier="long", idempotency_key="k")
        assert memory.memories.create("Bo", tier="long", idempotency_key="k")["id"] == made["id"]
        assert memory.memories.list()["meta"]["total"] == 2
