"""Vectors as parameters of statements, in the binary form of PostgreSQL's `real[]`.

It takes a tenth of the time that the text form takes. pgvector casts it to its own type.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from psycopg import postgres
from psycopg.adapt import Dumper
from psycopg.pq import Format

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from psycopg.abc import AdaptContext, Buffer

__all__ = ["adapt_vectors"]

_REAL = postgres.types["float4"]
# The number of dimensions, whether there are nulls, the type, the length and the first index.
_HEADER = struct.Struct(">iiIii")
_ELEMENT = [("size", ">i4"), ("value", ">f4")]


class _TextDumper(Dumper):
    """The text form of pgvector, which COPY needs."""

    def dump(self, obj: NDArray[np.float32]) -> Buffer | None:
        return f"[{','.join(map(str, obj.tolist()))}]".encode()


class _BinaryDumper(Dumper):
    format = Format.BINARY
    oid = _REAL.array_oid

    def dump(self, obj: NDArray[np.float32]) -> Buffer | None:
        import numpy as np  # installed only with an embedder

        elements = np.empty(len(obj), _ELEMENT)
        elements["size"] = 4
        elements["value"] = obj
        return _HEADER.pack(1, 0, _REAL.oid, len(obj), 1) + elements.tobytes()


def adapt_vectors(context: AdaptContext) -> None:
    """Make a connection accept one-dimensional NumPy arrays as parameters."""
    # The one that was registered last is used, except in COPY.
    for dumper in (_TextDumper, _BinaryDumper):
        context.adapters.register_dumper("numpy.ndarray", dumper)
