"""Run one action for several memories, some of which may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterable

from memoryos.exceptions import NotFoundError, ValidationError

from .error_messages import describe_error

if TYPE_CHECKING:
    from .output.console import Console

__all__ = ["for_each"]


def for_each(ids: Iterable[str], act: Callable[[str], None], console: Console, command: str) -> int:
    """Run an action for each memory.

    An unknown or malformed id is reported, and the remaining ids are processed.

    Args:
        ids: Ids of the memories.
        act: Called with each id.
        console: Console for error messages.
        command: Name of the command for error messages, such as `memoryos get`.

    Returns:
        The exit status: 0 if all succeeded, otherwise the lowest of the failures.

    Raises:
        MemoryOSError: Any other failure, which would affect the remaining ids as well.
    """
    failed = {_run_one(memory_id, act, console, command) for memory_id in ids} - {0}
    return min(failed) if failed else 0


def _run_one(memory_id: str, act: Callable[[str], None], console: Console, command: str) -> int:
    try:
        act(memory_id)
    except (NotFoundError, ValidationError) as error:
        failure = describe_error(error)
        console.error(f"{command}: {memory_id}: {failure.line}")
        return failure.status
    return 0
