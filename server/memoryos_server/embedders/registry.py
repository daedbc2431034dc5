"""Which embedder is meant: by a name, as on the command line, or by an object of Python."""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from . import MissingEmbedderError, default_embedder
from .retries import REQUEST

if TYPE_CHECKING:
    from . import Embedder
    from .retries import Policy

__all__ = [
    "NAMES",
    "VARIABLE",
    "UnknownEmbedderError",
    "as_embedder",
    "default_name",
    "embedder_name",
    "make_importable",
    "named_embedder",
]

NAMES = "auto, minilm, openai, ollama:MODEL, python:MODULE:NAME, hashing or none"
"""What an embedder is chosen by; `auto` is `default_embedder()`."""

VARIABLE = "MEMORY_OS_EMBEDDER"
"""The variable of the environment that chooses where nothing else does."""

_PLAIN = frozenset({"auto", "minilm", "openai", "hashing", "none"})
_WITH_A_PLACE = re.compile(r"ollama:\S+|python:[\w.]+:[\w.]+")


class UnknownEmbedderError(ValueError):
    """No embedder is meant by what was given; the message says what there is."""


def default_name() -> str:
    """Return the name that the environment gives, else `auto`."""
    return os.environ.get(VARIABLE) or "auto"


def embedder_name(text: str) -> str:
    """Return `text`, the name of an embedder that there may be.

    Raises:
        UnknownEmbedderError: it has the form of none.
    """
    if text in _PLAIN or _WITH_A_PLACE.fullmatch(text):
        return text
    raise UnknownEmbedderError(f"must be {NAMES}")


def make_importable(name: str) -> None:
    """Let `python:` find modules of the present folder, as `python -m` does and a script does not.

    For programs; a library leaves that to its caller.
    """
    if name.startswith("python:") and "" not in sys.path:
        sys.path.insert(0, "")


def named_embedder(name: str, policy: Policy = REQUEST) -> Embedder | None:
    """Return the embedder that is meant by `name`, or None where there is to be none.

    Nothing is asked of a service yet.

    Args:
        name: as `NAMES` says.
        policy: how long and how often to ask a service.

    Raises:
        UnknownEmbedderError: it has the form of none.
        MissingEmbedderError: its packages, its key or its module is not here.
    """
    kind, _, rest = embedder_name(name).partition(":")
    if kind == "none":
        return None
    if kind == "auto":
        return default_embedder()
    if kind == "python":
        return _of_module(*rest.split(":"))
    if find_spec("numpy") is None or (kind == "minilm" and default_embedder() is None):
        raise MissingEmbedderError(
            f"the embedder {kind} is not installed; install it from a checkout of this repository "
            "with: pip install '.[local]'"
        )
    return default_embedder() if kind == "minilm" else _made(kind, rest, policy)


def as_embedder(given: Any) -> Embedder | None:
    """Return the embedder that a caller means.

    Args:
        given: a name; an `Embedder`; or a function of a module, from texts to vectors.

    Raises:
        UnknownEmbedderError: it is none of these.
        MissingEmbedderError: as `named_embedder` says.
    """
    if isinstance(given, str):
        return named_embedder(given)
    if all(hasattr(given, part) for part in ("name", "embed", "similarity")):
        embedder: Embedder = given
        return embedder
    from .callables import CallableEmbedder, name_of

    if not callable(given):
        raise UnknownEmbedderError(f"must be a name ({NAMES}), an Embedder or a function")
    name = name_of(given)
    if name is None:
        raise UnknownEmbedderError(
            "is a function without a place in a module, which the memories could not be known by: "
            "name it with memoryos_server.embedders.CallableEmbedder(name, function)"
        )
    return CallableEmbedder(name, given)


def _made(kind: str, model: str, policy: Policy) -> Embedder:
    from .hashing import HashingEmbedder
    from .http_service import SettingError
    from .ollama import OllamaEmbedder
    from .openai import OpenAIEmbedder

    if kind == "hashing":
        return HashingEmbedder()
    try:
        return (
            OpenAIEmbedder(policy=policy)
            if kind == "openai"
            else OllamaEmbedder(model, policy=policy)
        )
    except SettingError as error:
        raise MissingEmbedderError(f"the embedder {kind}: {error}") from None


def _of_module(module: str, path: str) -> Embedder | None:
    named = f"python:{module}:{path}"
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise MissingEmbedderError(f"the embedder {named} can't be imported: {error}") from error
    if isinstance(found, str):
        raise MissingEmbedderError(f"the embedder {named} is a text, not a function")
    try:
        return as_embedder(found)
    except UnknownEmbedderError as error:
        raise MissingEmbedderError(f"the embedder {named} {error}") from None
