"""The SQLite connections of one process to one database."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from memoryos_server.model.errors import unavailable

if TYPE_CHECKING:
    import sqlite3

    from .read_only import ReadOnlyFile
    from .write_ahead_log import WriteAheadLog

__all__ = ["CLOSED_MESSAGE", "Connections"]

CLOSED_MESSAGE = "This Memory OS is closed"


class Connections:
    """The connections of one process."""

    def __init__(self) -> None:
        self.writing = threading.RLock()
        self.writer: sqlite3.Connection | None = None
        self.log: WriteAheadLog | None = None
        self.read_only: ReadOnlyFile | None = None
        self.identity: tuple[int, int] | None = None  # of the file that was opened for writing
        self.readers: deque[sqlite3.Connection] = deque()

    @property
    def is_open(self) -> bool:
        """Whether the database has been opened."""
        return self.writer is not None or self.read_only is not None

    def check_unchanged(self) -> None:
        """Check that a file that is read without locks was not written meanwhile."""
        if self.read_only is not None:
            self.read_only.check_unchanged()

    def opened_writer(self) -> sqlite3.Connection:
        """Return the connection for writing; the caller holds the lock `writing`.

        Raises:
            ServiceError: with status 503, the database was closed.
        """
        if self.writer is None:  # closed while this thread was waiting
            raise unavailable(CLOSED_MESSAGE)
        return self.writer
