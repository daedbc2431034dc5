"""Embedders turn texts into vectors, and cosines of vectors into similarities.

A store is filled by one embedder and records its `name`: vectors of different names are never
compared. `default_embedder()` returns None if its packages are not installed; the server then
searches by words only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .protocol import BALANCE_POINT, Embedder, MissingEmbedderError
from .registry import (
    UnknownEmbedderError,
    as_embedder,
    default_embedder,
    default_name,
    named_embedder,
)

if TYPE_CHECKING:
    from .callable_embedder import CallableEmbedder as CallableEmbedder
    from .remote.ollama import OllamaEmbedder as OllamaEmbedder
    from .remote.openai import OpenAIEmbedder as OpenAIEmbedder

__all__ = [
    "BALANCE_POINT",
    "CallableEmbedder",
    "Embedder",
    "MissingEmbedderError",
    "OllamaEmbedder",
    "OpenAIEmbedder",
    "UnknownEmbedderError",
    "as_embedder",
    "default_embedder",
    "default_name",
    "named_embedder",
]

# These import NumPy, which a server without an embedder does not need.
_LAZY = {
    "CallableEmbedder": ".callable_embedder",
    "OllamaEmbedder": ".remote.ollama",
    "OpenAIEmbedder": ".remote.openai",
}


if not TYPE_CHECKING:  # type checkers would otherwise accept every misspelt name

    def __getattr__(name: str) -> Any:
        """Import a public name on first use."""
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_LAZY[name], __name__), name)
