"""Imports that no fork interrupts.

A process that is forked while another thread imports a module inherits the lock of the module, and
nobody there releases it: its own import of the module would wait forever. Forks therefore wait for
imports inside functions.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from importlib import import_module
from typing import Generator

_lock = threading.RLock()


@contextmanager
def importing() -> Generator[None, None, None]:
    """Delay forks by other threads during the block."""
    with _lock:
        yield


def import_modules(*names: str) -> None:
    """Import modules, if they aren't imported yet."""
    with _lock:
        for name in names:
            import_module(name)


# A fork takes the locks in the reverse order of their registration. Importing httpx takes the lock
# of `logging` while it holds this one, so `logging` must have registered its lock before.
import_module("logging")
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )
