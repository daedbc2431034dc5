"""Which embedder is meant, by a name, a function or an object; and functions as embedders."""

from __future__ import annotations

import functools
import sys

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos import AsyncMemoryOS, MemoryOS  # noqa: E402
from memoryos.exceptions import MemoryOSError, ValidationError  # noqa: E402
from memoryos_server.embedders import (  # noqa: E402
    CallableEmbedder,
    MissingEmbedderError,
    default_embedder,
)
from memoryos_server.embedders.hashing_embedder import HashingEmbedder  # noqa: E402
from memoryos_server.embedders.registry import (  # noqa: E402
    UnknownEmbedderError,
    as_embedder,
    named_embedder,
)
from memoryos_server.errors import ServiceError  # noqa: E402
from memoryos_server.service import open_service  # noqa: E402

TELLTALE = "TELLTALE0123456789"


def lengths(texts):
    """An embedder that somebody wrote: plain lists, not of unit length."""
    return [[float(len(text)), float(text.count("e")), 1.0] for text in texts]


def broken(texts):
    raise RuntimeError(f"{TELLTALE} {texts}")


AN_OBJECT = HashingEmbedder(8)
A_TEXT = "minilm"


@pytest.fixture
def module(monkeypatch):
    """This file, as a module that can be imported by a name."""
    monkeypatch.setitem(sys.modules, "somebodys", sys.modules[__name__])
    monkeypatch.setattr(lengths, "__module__", "somebodys")
    return "somebodys"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("hashing", "hashing-384"),
        ("ollama:bge-m3", "ollama:bge-m3"),
        ("ollama:bge-m3:latest", "ollama:bge-m3"),
        ("ollama:qwen3-embedding:0.6b", "ollama:qwen3-embedding:0.6b"),
        ("python:somebodys:lengths", "python:somebodys:lengths"),
        ("python:somebodys:AN_OBJECT", "hashing-8"),
    ],
)
def test_a_name_means_an_embedder(module, name, found):
    """By whose own name its vectors are known."""
    assert named_embedder(name).name == found


def test_none_is_none_and_auto_is_what_is_installed():
    assert named_embedder("none") is None
    assert named_embedder("auto") is default_embedder()


@pytest.mark.parametrize(
    "name", ["", "gpt", "ollama", "ollama:", "openai:other", "python:x", "python::y", "Hashing"]
)
def test_a_name_that_means_nothing_is_refused_with_those_that_do(name):
    with pytest.raises(UnknownEmbedderError, match="minilm, openai, ollama:MODEL"):
        named_embedder(name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("openai", "set the environment variable OPENAI_API_KEY"),
        ("python:not.there:embed", "No module named 'not'"),
        ("python:somebodys:not_there", "has no attribute 'not_there'"),
        ("python:somebodys:A_TEXT", "is a text, not a function"),
        ("python:somebodys:TELLTALE.upper.__name__", "is a text"),
    ],
)
def test_what_an_embedder_lacks_is_named(module, name, sentence):
    with pytest.raises(MissingEmbedderError, match=sentence):
        named_embedder(name)


def test_a_function_of_a_module_has_one_name_in_python_and_on_the_command_line(module):
    assert as_embedder(lengths).name == named_embedder("python:somebodys:lengths").name


@pytest.mark.parametrize("function", [lambda texts: texts, functools.partial(lengths)])
def test_a_function_without_a_place_has_to_be_named(function):
    with pytest.raises(UnknownEmbedderError, match="CallableEmbedder"):
        as_embedder(function)
    assert as_embedder(CallableEmbedder("mine", lengths)).name == "mine"


def test_a_function_is_an_embedder():
    """Its vectors are brought to length one, its dimension is learnt."""
    embedder = CallableEmbedder("mine", lengths)
    rows = embedder.embed(["tea", "coffee"])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)
    assert embedder.dimension == 3
    assert CallableEmbedder("mine", lengths).dimension == 3
    assert embedder.similarity(np.array([0.5]))[0] == pytest.approx(0.7, abs=1e-4)


def test_a_function_may_bring_its_own_similarity():
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
def test_settings_out_of_their_range_are_refused(settings):
    with pytest.raises(ValueError):
        CallableEmbedder(**{"name": "mine", "function": lengths, **settings})


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (broken, "failed with RuntimeError"),
        (lambda texts: None, "returned 0 vectors for 1 texts"),
        (lambda texts: [[1.0], [2.0]], "returned 2 vectors for 1 texts"),
        (lambda texts: [[float("nan")]], "(NaN or infinite)"),
        (lambda texts: [[0.0, 0.0]], "a vector of zeros"),
        (lambda texts: [[10**400]], "something else than vectors"),
    ],
)
def test_a_function_that_fails_is_a_503_that_repeats_nothing(function, sentence):
    with pytest.raises(ServiceError) as error:
        CallableEmbedder("mine", function).embed(["tea"])
    assert (error.value.status, error.value.retry_after) == (503, 300)
    assert sentence in error.value.message
    assert TELLTALE not in error.value.message


def test_a_function_whose_vectors_change_their_length_is_refused():
    embedder = CallableEmbedder("mine", lambda texts: [[1.0] * len(texts[0])])
    embedder.embed(["tea"])
    with pytest.raises(ServiceError, match="vectors of 6 numbers instead of 3"):
        embedder.embed(["coffee"])


# MemoryOS.local


@pytest.mark.parametrize(
    "embedder", ["hashing", AN_OBJECT, CallableEmbedder("mine", HashingEmbedder(32).embed)]
)
def test_the_local_client_takes_a_name_an_object_or_a_function(embedder):
    with MemoryOS.local(":memory:", embedder=embedder) as memory:
        memory.memories.create("Ada likes tea", tier="long")
        found = memory.search(query="Ada likes tea", threshold=0.9)
        assert (len(found["results"]), found["search_type"]) == (1, "semantic")


@pytest.mark.anyio
async def test_the_asynchronous_one_takes_the_same():
    async with AsyncMemoryOS.local(":memory:", embedder=AN_OBJECT) as memory:
        await memory.memories.create("Ada likes tea", tier="long")
        found = await memory.search(query="Ada likes tea", threshold=0.9)
        assert len(found["results"]) == 1


def test_the_environment_chooses_where_nothing_else_does(monkeypatch):
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    with MemoryOS.local(":memory:") as memory:
        assert memory.search(query="tea")["search_type"] == "text"
    with MemoryOS.local(":memory:", embedder="hashing") as memory:
        assert memory.search(query="tea")["search_type"] == "semantic"


@pytest.mark.parametrize("embedder", ["gpt", 3, lambda texts: texts])
def test_what_is_no_embedder_is_a_validation_error(embedder):
    with pytest.raises(ValidationError, match=r"^embedder ") as error:
        MemoryOS.local(":memory:", embedder=embedder)
    assert error.value.details["argument"] == "embedder"


def test_what_an_embedder_lacks_is_an_import_error_of_the_client():
    with pytest.raises(ImportError, match="OPENAI_API_KEY"):
        MemoryOS.local(":memory:", embedder="openai")


# An outage


def outage(texts):
    raise ConnectionError(TELLTALE)


class Fragile:
    """A function that works until it is told not to."""

    def __init__(self):
        self.works = True

    def __call__(self, texts):
        return HashingEmbedder(32).embed(texts) if self.works else outage(texts)


def test_an_outage_is_a_503_and_leaves_nothing_half_done(tmp_path):
    """Creating, changing, searching; the same key creates once when it is over."""
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
            assert TELLTALE not in str(error.value)
        assert [item["content"] for item in memory.memories.list()["data"]] == ["Ada likes tea"]
        assert memory.memories.get(kept["id"])["tier"] == "long"
        memory.memories.update(kept["id"], tier="medium")
        function.works = True
        made = memory.memories.create("Bo", tier="long", idempotency_key="k")
        assert memory.memories.create("Bo", tier="long", idempotency_key="k")["id"] == made["id"]
        assert memory.memories.list()["meta"]["total"] == 2


class Sending(HashingEmbedder):
    """It would send texts somewhere; here it only remembers them."""

    sends_to = "https://embeddings.test"

    def __init__(self):
        super().__init__(32)
        self.sent = []

    def embed(self, texts):
        self.sent += texts
        return super().embed(texts)


def test_nothing_is_sent_for_a_store_of_another_embedder(tmp_path, start, user_of):
    """The store is asked before the service is."""
    path = tmp_path / "m.db"
    user_of(start(path)).create("Ada")
    sending = Sending()
    user = user_of(open_service(path, embedder=sending))
    for call in (lambda: user.create("Bo"), lambda: user.search("Ada")):
        with pytest.raises(ServiceError, match="was filled by the embedder hashing-384"):
            call()
    assert sending.sent == []
    user.service.close()
