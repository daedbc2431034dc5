"""State that a forked child must not share with its parent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PerProcess"]

T = TypeVar("T")


class PerProcess(Generic[T]):
    """One value for each process, made when it is first asked for there.

    The values of parent processes stay referenced, since to finalize them in a child could disturb
    the parent: closing a database connection, for one.

    Args:
        make: returns a new value; cheap, since two threads may both make one, of which one is used.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[int, T] = {}

    def get(self) -> T:
        """Return this process's value."""
        process = os.getpid()
        value = self._values.get(process)
        return self._values.setdefault(process, self._make()) if value is None else value

    def is_inherited(self) -> bool:
        """Say whether another process has made a value and this one has not: we are its child."""
        return bool(self._values) and os.getpid() not in self._values
