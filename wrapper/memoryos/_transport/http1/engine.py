"""The engine that parses heads in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Tuple, cast

if TYPE_CHECKING:
    from .head import Engine

_FIRST_HTTPTOOLS = (0, 9)
"""The first version of httptools that is used; the extra `speed` asks for the same."""


def choose() -> Engine:
    """Return httptools if it is installed in a version that is known to work, else h11."""
    try:
        from . import httptools_engine

        if _version(httptools_engine.VERSION) >= _FIRST_HTTPTOOLS:
            return cast("Engine", httptools_engine)
    except (ImportError, AttributeError):  # the latter for a version that lacks something
        pass
    from . import h11_engine

    return cast("Engine", h11_engine)


def _version(text: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


ENGINE = choose()
