"""Warnings that a service mixes the memories of different scopes."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

from .stack_level import stack_level

if TYPE_CHECKING:
    from .scopes import Scope

__all__ = ["ScopeWarning", "logger", "warn"]

logger = logging.getLogger("memoryos.scopes")


class ScopeWarning(UserWarning):
    """A service mixes the memories of different scopes, so that a result is incomplete or slow.

    Memories of other scopes were left out. Each case is logged, too.
    """

    __module__ = "memoryos"


def warn(scope: Scope, message: str) -> None:
    """Log a warning and issue it, with the keys of the scope and not its values."""
    text = f"{message} (scope: {', '.join(scope.values)})"
    logger.warning("%s", text)
    warnings.warn(text, ScopeWarning, stacklevel=stack_level())
