"""Check the caller's `http_client`.

httpx and httpx2 have the same interface, and so may packages that follow. Their clients are
recognised by the names of their classes, so that none of these packages needs to be imported.
"""

from __future__ import annotations

from typing import Optional

_CLIENT_CLASSES = frozenset({"Client", "AsyncClient"})


def client_kind(given: object) -> Optional[str]:
    """Return `Client` or `AsyncClient` for an httpx client, None for anything else."""
    base = _client_class(given)
    return None if base is None else base.__name__


def check_client(given: object, client_class: str, owner: str) -> None:
    """Check that an `http_client` is an httpx client of the right kind.

    Args:
        given: The argument; None for none.
        client_class: The class that is needed: `Client` or `AsyncClient`.
        owner: The name of the SDK's class.

    Raises:
        TypeError: It is something else.
    """
    if given is None:
        return
    base = _client_class(given)
    if base is not None and base.__name__ == client_class:
        return
    package = "httpx" if base is None else _package(base)
    needed = f"an {package}.{client_class}"
    if isinstance(given, type):
        found = f"the class {_full_name(given)}; pass an instance"
    elif base is not None:
        other = "AsyncMemoryOS" if owner == "MemoryOS" else "MemoryOS"
        found = f"an {package}.{base.__name__}, which {other} takes"
    else:
        found = _full_name(type(given))
    raise TypeError(f"http_client of {owner} must be {needed}, not {found}")


def _full_name(cls: type) -> str:
    is_builtin = cls.__module__ == "builtins"
    return cls.__qualname__ if is_builtin else f"{cls.__module__}.{cls.__qualname__}"


def _client_class(given: object) -> Optional[type]:
    """Return the class of httpx, or of a package like it, that an object is an instance of."""
    if isinstance(given, type):
        return None
    for cls in given.__class__.__mro__:  # not type(): a mock with a spec names its class here
        if cls.__name__ in _CLIENT_CLASSES and hasattr(cls, "build_request"):
            return cls
    return None


def _package(cls: type) -> str:
    return cls.__module__.partition(".")[0]
