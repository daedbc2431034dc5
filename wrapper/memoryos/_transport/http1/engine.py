"""Choose the engine that parses heads."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from .head import Engine


@lru_cache(maxsize=None)
def engine() -> Engine:
    """Return the engine of this process: httptools if it is installed and works, else h11."""
    try:
        return cast("Engine", import_module(".httptools_engine", __package__))
    except (ImportError, AttributeError):  # the latter for a version that is too old
        return cast("Engine", import_module(".h11_engine", __package__))
