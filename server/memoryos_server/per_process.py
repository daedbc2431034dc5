"""Per-process state: a forked child gets a value of its own instead of its parent's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PerProcess"]

T = TypeVar("T")


class PerProcess(Generic[T]):
    """One value per process, created on first use.

    The values of parent processes stay referenced: finalizing them in a child could disturb the
    parent, for example by closing a database connection that both share.

    Args:
        factory: Returns a new value. It must be cheap: two threads may both call it, and only one
            of the two values is used.
    """

    def __init__(self, factory: Callable[[], T]) -> None:
        self._factory = factory
        self._values: dict[int, T] = {}

    def get(self) -> T:
        """Return this process's value."""
        process_id = os.getpid()
        value = self._values.get(process_id)
        return self._values.setdefault(process_id, self._factory()) if value is None else value

    def is_inherited(self) -> bool:
        """Return whether only a parent process has created a value so far."""
        return bool(self._values) and os.getpid() not in self._values
