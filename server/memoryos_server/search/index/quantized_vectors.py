"""Small images of many vectors, to find the nearest ones without reading all of them in full.

An image has 8 bits for each number, a quarter of the vector: what takes the time is to read them.
onnxruntime multiplies them, by a model of one operation, which `tools/products_model.py` made.
What comes near by its image is then compared in full.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from memoryos_server.search.growable_array import GrowableArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_EXACT_ROWS", "ROWS_PER_BLOCK", "QuantizedVectors", "can_quantize"]

MAX_EXACT_ROWS = 16_384
"""Number of memories of one owner above which their vectors are quantized.

Up to it, every cosine is computed in full.
"""

ROWS_PER_BLOCK = 16_384
"""How many images are kept together, and best made at once."""

_MODEL = "products.onnx"
# Of 127. Processors without VNNI add two products in 16 bits, which more would overflow.
_MAX_VALUE = 63
_MAX_QUERY_VALUE = 127
_MIN_MAGNITUDE = np.float32(1e-6)
_QUERY_ZERO_POINT = 128


@cache
def can_quantize() -> bool:
    """Say whether what multiplies images is installed."""
    return find_spec("onnxruntime") is not None


class QuantizedVectors:
    """The images of vectors, in their order.

    Args:
        dimension: the length of a vector.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._blocks: list[NDArray[np.int8]] = []
        self._scales = GrowableArray(np.float32)
        self._offsets = GrowableArray(np.float32)
        self._session = _session()

    def __len__(self) -> int:
        return len(self._scales)

    def extend(self, vectors: NDArray[np.float32]) -> None:
        """Add the images of vectors."""
        done = 0
        while done < len(vectors):
            column = len(self._scales) % ROWS_PER_BLOCK
            if column == 0:
                self._blocks.append(np.zeros((self._dimension, ROWS_PER_BLOCK), np.int8))
            part = vectors[done : done + ROWS_PER_BLOCK - column]
            scales = np.maximum(np.abs(part).max(axis=1), _MIN_MAGNITUDE) / np.float32(_MAX_VALUE)
            image = np.rint(part * (1 / scales)[:, np.newaxis]).astype(np.int8)
            self._blocks[-1][:, column : column + len(part)] = image.T
            self._scales.extend(scales)
            self._offsets.extend(_QUERY_ZERO_POINT * image.sum(axis=1, dtype=np.int32))
            done += len(part)

    def clear(self, row: int) -> None:
        """Make the estimates of a row zero."""
        self._scales.values[row] = 0

    def cosines(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return about the cosine of `query` and each vector; a hundredth off at the very most."""
        scale = np.float32(np.abs(query).max() / _MAX_QUERY_VALUE)
        image = (np.rint(query / scale) + _QUERY_ZERO_POINT).astype(np.uint8)[np.newaxis]
        near = np.empty(len(self._scales), np.float32)
        for number, block in enumerate(self._blocks):
            part = slice(number * ROWS_PER_BLOCK, min((number + 1) * ROWS_PER_BLOCK, len(near)))
            products = self._session.run(None, {"query": image, "vectors": block})[0][0]
            # Block by block, while it is still near the processor. No product is too large to be
            # exact as a 32-bit float.
            near[part] = products[: part.stop - part.start]
            near[part] -= self._offsets.values[part]
            near[part] *= self._scales.values[part]
        near *= scale
        return near


def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread: to wait for others takes longer than it saves, and none is lost in a fork.
    options.intra_op_num_threads = 1
    model = files(__package__).joinpath(_MODEL).read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
