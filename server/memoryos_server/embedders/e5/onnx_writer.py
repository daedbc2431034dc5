"""Writes ONNX files, as far as the model here needs: they are messages of Protocol Buffers."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["OnnxGraph", "tensor"]

# The data types of ONNX.
_TYPES = {np.dtype(np.float32): 1, np.dtype(np.uint8): 2, np.dtype(np.int32): 6}
_DOMAIN = "com.microsoft"
_IR_VERSION, _OPSET, _DOMAIN_OPSET = 8, 17, 1
# The numbers of the attribute types FLOAT and INT.
_FLOAT, _INT = 1, 2


class OnnxGraph:
    """A graph of onnxruntime's own operators, written node by node."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def node(self, operator: str, inputs: Sequence[str], output: str, **settings: float) -> str:
        """Add an operator; return the name of its output.

        Args:
            operator: An operator of the domain `com.microsoft`.
            inputs: Names of tensors; an empty one stands for an input that is left out.
            output: Name of its one output.
            settings: The operator's attributes: floats or integers.
        """
        fields = [_text(1, name) for name in inputs]
        fields += [_text(2, output), _text(4, operator), _text(7, _DOMAIN)]
        fields += [_bytes(5, _attribute(*setting)) for setting in settings.items()]
        self._nodes.append(_bytes(1, b"".join(fields)))
        return output

    def constant(self, name: str, values: NDArray[np.float32] | NDArray[np.uint8]) -> str:
        """Add a tensor; return its name."""
        fields = [_integer(1, size) for size in values.shape]
        fields += [_integer(2, _TYPES[values.dtype]), _text(8, name), _bytes(9, values.tobytes())]
        self._constants.append(_bytes(5, b"".join(fields)))
        return name

    def file(self, inputs: Sequence[bytes], output: bytes) -> bytes:
        """Return the graph as the content of an ONNX file; `tensor` describes inputs and output."""
        described = [*(_bytes(11, given) for given in inputs), _bytes(12, output)]
        graph = b"".join([*self._nodes, _text(2, "graph"), *self._constants, *described])
        opsets = _bytes(8, _text(1, "") + _integer(2, _OPSET)) + _bytes(
            8, _text(1, _DOMAIN) + _integer(2, _DOMAIN_OPSET)
        )
        return _integer(1, _IR_VERSION) + _bytes(7, graph) + opsets


def tensor(name: str, kind: type[np.generic], shape: Sequence[int | str]) -> bytes:
    """Return the description of an input or output; a size that varies is a name."""
    sizes = [
        _bytes(1, _text(2, size) if isinstance(size, str) else _integer(1, size)) for size in shape
    ]
    of_type = _integer(1, _TYPES[np.dtype(kind)]) + _bytes(2, b"".join(sizes))
    return _text(1, name) + _bytes(2, _bytes(1, of_type))


def _attribute(name: str, value: float) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _integer(3, value) + _integer(20, _INT)
    return _text(1, name) + _key(2, 5) + struct.pack("<f", value) + _integer(20, _FLOAT)


def _key(field: int, wire_type: int) -> bytes:
    return _varint(field << 3 | wire_type)


def _integer(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _key(field, 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])
