"""The MiniLM embedder: its vectors, threads and forks."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders import local_model, minilm, onnx_model
from memoryos_server.embedders.wordpiece import WordPiece


def run_python(code):
    """Run code in an interpreter of its own, with a limit that only a hang reaches."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def model():
    """One loaded model for the tests that only read from it."""
    return minilm.MiniLM()


@pytest.fixture(scope="module")
def wordpiece():
    pytest.importorskip("tokenizers", reason="needs the extra [local]: tokenizers not installed")
    return WordPiece()


@given(st.lists(st.integers(2, 256), max_size=40))
def test_batches_hold_each_window_once_and_stay_within_the_bound(lengths):
    windows = [(row, [0] * length) for row, length in enumerate(lengths)]
    batches = list(local_model.batches(windows))
    assert sorted(window for batch in batches for window in batch) == windows
    for batch in batches:
        assert (
            len(batch) * max(len(window) for _, window in batch) <= local_model.MAX_TOKENS_PER_RUN
        )


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
    runtime = onnx_model.OnnxModel(minilm.WEIGHTS.read(), threads=1)
    mean = sum(len(window) * runtime.run([window])[0] for window in windows)
    np.testing.assert_allclose(model.embed([text])[0], mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.embedder
def test_the_model_is_loaded_once_by_the_first_call_of_many_threads(monkeypatch):
    loads = []
    load = minilm.MiniLM._load
    monkeypatch.setattr(minilm.MiniLM, "_load", lambda self: loads.append(1) or load(self))
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
