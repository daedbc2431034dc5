"""Writes of several threads in one transaction, whose commit they share."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from memoryos_server.model.errors import unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

__all__ = ["MAX_GROUP_SIZE", "GroupCommit"]

MAX_GROUP_SIZE = 64
"""How many writes one transaction has at most."""

Transaction = TypeVar("Transaction")
Result = TypeVar("Result")


class GroupCommit(Generic[Transaction]):
    """Runs writes, those that wait for one another in one transaction. Thread-safe.

    Of the threads that wait, the one whose turn it is commits the writes of all. If one of the
    writes fails, the transaction is rolled back, and each is done alone; so an error concerns only
    the write that raises it. If the transaction can't begin, or the commit fails, it is the error
    of all: then none is repeated, since some may be stored.

    Args:
        begin: lends a transaction, which commits at the end of the block, and is rolled back if
            the block raises an error.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[Transaction]]) -> None:
        self._begin = begin
        self._turn = threading.Lock()
        self._waiting: deque[_Write[Transaction]] = deque()

    def run(self, work: Callable[[Transaction], Result]) -> Result:
        """Do the work in a transaction, and return its result after the commit.

        Args:
            work: reads and writes in the transaction; it may be called again after a rollback.
        """
        write = _Write(work)
        self._waiting.append(write)
        with self._turn:
            while not write.is_done:
                self._commit_next(write)
        if write.error is not None:
            raise write.error
        result: Result = write.result
        return result

    def _commit_next(self, own: _Write[Transaction]) -> None:
        """Commit the writes that have waited longest, or this thread's own if none waits."""
        writes: list[_Write[Transaction]] = []
        try:
            while self._waiting and len(writes) < MAX_GROUP_SIZE:
                writes.append(self._waiting.popleft())
            writes = writes or [own]
            if not self._commit(writes):
                for write in writes:
                    self._commit([write])
        except BaseException:  # this thread was interrupted, which is no error of the others
            for write in writes:
                if not write.is_done:
                    write.fail(unavailable("The write was interrupted"))
            raise

    def _commit(self, writes: Sequence[_Write[Transaction]]) -> bool:
        """Do writes in one transaction. Return False if they were rolled back and none is done."""
        has_begun = has_worked = False
        try:
            with self._begin() as transaction:
                has_begun = True
                for write in writes:
                    write.result = write.work(transaction)
                has_worked = True
        except Exception as error:  # noqa: BLE001 - it is raised in the threads that it concerns
            if has_begun and not has_worked and len(writes) > 1:
                return False
            for write in writes:
                write.fail(error)
        else:
            for write in writes:
                write.is_done = True
        return True


class _Write(Generic[Transaction]):
    """One thread's work, and what became of it."""

    def __init__(self, work: Callable[[Transaction], Any]) -> None:
        self.work = work
        self.is_done = False
        self.result: Any = None
        self.error: Exception | None = None

    def fail(self, error: Exception) -> None:
        self.error = error
        self.is_done = True
