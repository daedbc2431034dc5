"""The engine that parses heads in this process."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Tuple, cast

if TYPE_CHECKING:
    from .head import Engine

_FIRST_HTTPTOOLS = (0, 9)
"""The first version of httptools that is used; the extra `speed` asks for the same."""


def choose() -> Engine:
    """Return httptools if it is installed in a version that is known to work, else h11."""
    try:
        httptools = cast("Engine", import_module(".httptools_engine", __package__))
        if _version(httptools.VERSION) >= _FIRST_HTTPTOOLS:
            return httptools
    except (ImportError, AttributeError):  # the latter for a version that lacks something
        pass
    return cast("Engine", import_module(".h11_engine", __package__))


def _version(text: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


ENGINE = choose()
