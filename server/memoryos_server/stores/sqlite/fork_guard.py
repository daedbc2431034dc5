"""Protection of SQLite connections across forks.

SQLite tracks its file locks per process. A child process that inherits open connections inherits
this bookkeeping but not the locks, so the parent could delete the write-ahead log that the child
still uses. Therefore all connections are closed before a fork, and reopened when needed.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["FORK_WAIT_SECONDS", "ForkGuard"]

FORK_WAIT_SECONDS = 10.0
"""How long a fork waits for connections in use, and a new use waits for a fork."""

_guards: WeakSet[ForkGuard] = WeakSet()


class ForkGuard:
    """Delays forks while connections are in use, and closes the connections before a fork.

    Args:
        close: closes all connections; called while none is in use.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._reset(is_tainted=False)
        _guards.add(self)
        _install_hooks()

    @property
    def is_tainted(self) -> bool:
        """Whether this process was forked while a connection was in use."""
        return self._is_tainted

    @contextmanager
    def using(self) -> Iterator[None]:
        """Delay forks during the block; wait for a fork in progress."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_forking, FORK_WAIT_SECONDS)
            self._users += 1
        try:
            yield
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def before_fork(self) -> None:
        """Wait until no connection is in use, then close all of them."""
        with self._changed:
            self._is_forking = True
            self._is_quiet = self._changed.wait_for(lambda: self._users == 0, FORK_WAIT_SECONDS)
            if self._is_quiet:
                self._close()

    def after_fork_in_parent(self) -> None:
        """Allow the use of connections again."""
        with self._changed:
            self._is_forking = False
            self._changed.notify_all()

    def after_fork_in_child(self) -> None:
        """Reset all counts: the threads that used connections don't exist in the child."""
        self._reset(is_tainted=self._is_tainted or not self._is_quiet)

    def _reset(self, *, is_tainted: bool) -> None:
        self._changed = threading.Condition()
        self._users = 0
        self._is_forking = False
        self._is_quiet = True
        self._is_tainted = is_tainted


@cache
def _install_hooks() -> None:
    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(
            before=lambda: _for_each_guard(ForkGuard.before_fork),
            after_in_parent=lambda: _for_each_guard(ForkGuard.after_fork_in_parent),
            after_in_child=lambda: _for_each_guard(ForkGuard.after_fork_in_child),
        )


def _for_each_guard(act: Callable[[ForkGuard], None]) -> None:
    for guard in list(_guards):
        act(guard)
