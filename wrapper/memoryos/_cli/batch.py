"""Doing the same with each of several memories, where some may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterable

from memoryos.exceptions import NotFoundError, ValidationError

from .error_messages import failure

if TYPE_CHECKING:
    from .output.console import Console

__all__ = ["for_each"]


def for_each(ids: Iterable[str], act: Callable[[str], None], console: Console, command: str) -> int:
    """Do something with each memory, and return the exit status: that of the gravest failure.

    A memory that is not there, or an id that is none, is told, and the rest goes on.

    Raises:
        MemoryOSError: Another failure, which would meet the rest as well.
    """
    failed = {_try(memory_id, act, console, command) for memory_id in ids} - {0}
    return min(failed) if failed else 0


def _try(memory_id: str, act: Callable[[str], None], console: Console, command: str) -> int:
    try:
        act(memory_id)
    except (NotFoundError, ValidationError) as error:
        ended = failure(error)
        console.error(f"{command}: {memory_id}: {ended.line}")
        return ended.status
    return 0
