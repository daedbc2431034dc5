"""Forking without harm to SQLite.

SQLite keeps account of its file locks per process. A child that inherits open connections inherits
that account but not the locks, so that the parent, closing, could take the log of writes away from
under it. Therefore connections are closed before a fork, and opened again by whoever needs them.
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

__all__ = ["ForkGuard"]

_PATIENCE = 10.0  # seconds

_guards: WeakSet[ForkGuard] = WeakSet()


class ForkGuard:
    """Holds a fork back while connections are in use, and closes them before it.

    Args:
        close: closes all connections, none of which is in use.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._reset(is_tainted=False)
        _guards.add(self)
        _install_hooks()

    @property
    def is_tainted(self) -> bool:
        """Whether this process was forked while a connection was in use all the time."""
        return self._is_tainted

    @contextmanager
    def using(self) -> Iterator[None]:
        """Hold forks back during the block; wait for one that is under way."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_forking, _PATIENCE)
            self._users += 1
        try:
            yield
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def before_fork(self) -> None:
        """Close the connections, once they are free."""
        with self._changed:
            self._is_forking = True
            self._is_quiet = self._changed.wait_for(lambda: self._users == 0, _PATIENCE)
            if self._is_quiet:
                self._close()

    def after_fork_in_parent(self) -> None:
        """Let the users go on."""
        with self._changed:
            self._is_forking = False
            self._changed.notify_all()

    def after_fork_in_child(self) -> None:
        """Start anew: the threads that used connections are not here."""
        self._reset(is_tainted=self._is_tainted or not self._is_quiet)

    def _reset(self, *, is_tainted: bool) -> None:
        self._changed = threading.Condition()
        self._users = 0
        self._is_forking = False
        self._is_quiet = True
        self._is_tainted = is_tainted


@cache
def _install_hooks() -> None:
    if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
        os.register_at_fork(
            before=lambda: _each(ForkGuard.before_fork),
            after_in_parent=lambda: _each(ForkGuard.after_fork_in_parent),
            after_in_child=lambda: _each(ForkGuard.after_fork_in_child),
        )


def _each(act: Callable[[ForkGuard], None]) -> None:
    for guard in list(_guards):
        act(guard)
