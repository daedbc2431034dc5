"""State and imports that survive a fork."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PerProcess", "importing"]

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


# Locked during a fork, and while a thread imports what it needs for the first time.
_imports = threading.RLock()


@contextmanager
def importing() -> Iterator[None]:
    """Delay forks during the block, for imports inside functions.

    A child that is forked while another thread imports a module inherits the module's import lock,
    which nobody releases: its own import of the module would wait forever.
    """
    with _imports:
        yield


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_imports.acquire,
        after_in_parent=_imports.release,
        after_in_child=_imports.release,
    )
