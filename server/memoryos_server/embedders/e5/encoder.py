"""The encoder of multilingual-e5-small: token ids to mean-pooled vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from memoryos_server.embedders.onnx_model import mean_pool, new_session, pad

from .model_reader import BLOCK_SIZE
from .onnx_writer import OnnxGraph, tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .model_reader import E5File

__all__ = ["E5Encoder"]

_EMBEDDED, _MASK = "embedded", "mask"
# onnxruntime's MatMulNBits then multiplies integers, as the model's own engine does.
_INTEGER_ACCURACY = 4


class E5Encoder:
    """Maps rows of token ids to mean-pooled vectors, which are not of unit length.

    Args:
        file: The model.
        threads: Threads per run, 1 or more.
    """

    def __init__(self, file: E5File, threads: int) -> None:
        hidden = file.sizes.hidden
        self._words = file.matrix("emb.word", hidden)
        # A position is a place in the window; all tokens are of the first of two types.
        types = file.floats("emb.type")[:hidden]
        self._positions = file.floats("emb.pos").reshape(-1, hidden) + types
        self._scale, self._shift = file.floats("emb.ln.w"), file.floats("emb.ln.b")
        self._epsilon = file.sizes.epsilon
        self._session = new_session(_graph(file), threads)

    def run(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return the mean of the last hidden states of each row, shape (len(rows), 384)."""
        ids, mask = pad(rows)
        inputs = {_EMBEDDED: self._embedded(ids), _MASK: mask.astype(np.int32)}
        (hidden,) = self._session.run(None, inputs)
        return mean_pool(hidden, mask)

    def _embedded(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the sum of each token's word and position, normalized."""
        words = self._words.rows(ids.ravel()).reshape(*ids.shape, -1)
        states = words + self._positions[: ids.shape[1]]
        states -= states.mean(axis=-1, keepdims=True)
        deviations = np.sqrt((states * states).mean(axis=-1, keepdims=True) + self._epsilon)
        normalized: NDArray[np.float32] = states / deviations * self._scale + self._shift
        return normalized


def _graph(file: E5File) -> bytes:
    """Return the layers as an ONNX file."""
    graph = OnnxGraph()
    states = _EMBEDDED
    for number in range(file.sizes.layers):
        states = _layer(graph, file, f"l{number}.", states)
    shape = ("rows", "width", file.sizes.hidden)
    given = [tensor(_EMBEDDED, np.float32, shape), tensor(_MASK, np.int32, shape[:2])]
    return graph.file(given, tensor(states, np.float32, shape))


def _layer(graph: OnnxGraph, file: E5File, layer: str, states: str) -> str:
    """Add a layer: attention and a network of two steps, each added to what went in."""
    hidden, inner = file.sizes.hidden, file.sizes.inner

    def product(given: str, name: str, columns: int, rows: int) -> str:
        matrix = file.matrix(f"{layer}{name}.w", columns)
        weights = [
            graph.constant(f"{layer}{name}.numbers", matrix.neighbours_packed()),
            graph.constant(f"{layer}{name}.scales", matrix.scales.astype(np.float32).ravel()),
            "",
            "",
            graph.constant(f"{layer}{name}.bias", file.floats(f"{layer}{name}.b")),
        ]
        return graph.node(
            "MatMulNBits",
            [given, *weights],
            f"{layer}{name}",
            K=columns,
            N=rows,
            bits=4,
            block_size=BLOCK_SIZE,
            accuracy_level=_INTEGER_ACCURACY,
        )

    def added(given: str, change: str, name: str) -> str:
        scale, shift = (
            graph.constant(f"{layer}{name}.{part}", file.floats(f"{layer}{name}.{part}"))
            for part in "wb"
        )
        inputs = [given, change, scale, shift]
        epsilon = file.sizes.epsilon
        return graph.node("SkipLayerNormalization", inputs, f"{layer}{name}", epsilon=epsilon)

    heads = [product(states, name, hidden, hidden) for name in "qkv"]
    attended = graph.node(
        "MultiHeadAttention",
        [*heads, "", _MASK],
        f"{layer}attended",
        num_heads=file.sizes.heads,
    )
    states = added(states, product(attended, "ao", hidden, hidden), "aln")
    widened = graph.node("Gelu", [product(states, "fi", hidden, inner)], f"{layer}widened")
    return added(states, product(widened, "fo", inner, hidden), "oln")
