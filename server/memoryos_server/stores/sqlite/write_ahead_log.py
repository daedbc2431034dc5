"""The write-ahead log: its size, and the removal of deleted texts from it.

SQLite copies the log into the database at every 1,000 pages, but starts it anew only if no reader
uses it at the next write. With searches at all times this never happens, and the log grows. A
truncating checkpoint waits for the readers that use the log. Overlapping readers could make it wait
without end, so those of this process begin after it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import full_text
from .files import log_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MAX_LOG_BYTES", "WriteAheadLog", "configure"]

MAX_LOG_BYTES = 16 * 1024 * 1024
"""Size of the log from which a write truncates it."""

KEPT_LOG_BYTES = 8 * 1024 * 1024
"""Size to which SQLite itself cuts the log when it starts it anew."""

SIZE_WAIT_SECONDS, MAX_SIZE_WAIT_SECONDS = 0.25, 2.0
"""How long a write waits for readers in order to truncate a log of `MAX_LOG_BYTES`. It waits in
proportion longer for a larger one, at most `MAX_SIZE_WAIT_SECONDS`."""

ERASURE_WAIT_SECONDS = 0.5
"""How long a deletion waits for readers in order to remove the deleted text from the log."""

RETRY_INTERVAL_SECONDS = 0.5
"""Time from a checkpoint that readers prevented to the next one."""

MAX_PURGE_SHARE = 0.05
"""Share of the time that removing deleted words from the full-text index may take. The words are
hashes, which the deletion of a memory needn't wait for."""


def configure(connection: sqlite3.Connection) -> None:
    """Configure the connection that writes: overwrite deleted content, and bound the log."""
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # no content in temporary files
    connection.execute(f"PRAGMA journal_size_limit = {KEPT_LOG_BYTES}")


class WriteAheadLog:
    """The log of one database and the deleted content in it. Thread-safe.

    Args:
        path: the database.
        busy_timeout: busy timeout of the writing connection, in seconds.
    """

    def __init__(self, path: Path, busy_timeout: float) -> None:
        self._file = log_file(path, "-wal")
        self._busy_timeout = busy_timeout
        self._lock = threading.Lock()
        self._may_read = threading.Event()
        self._may_read.set()
        self._deletions = 0
        self._erased = 0
        self._has_deleted_words = False
        self._retry_at = 0.0
        self._purge_at = 0.0

    @property
    def is_erasure_due(self) -> bool:
        """Whether deleted content is left, and may be removed now."""
        if self._erased < self._deletions:
            return time.monotonic() >= self._retry_at
        return self._has_deleted_words and time.monotonic() >= self._purge_at

    def wait_before_reading(self) -> None:
        """Wait while a truncating checkpoint is waiting for the readers that have begun."""
        if not self._may_read.is_set():
            self._may_read.wait(MAX_SIZE_WAIT_SECONDS)

    def load(self, connection: sqlite3.Connection) -> None:
        """Read whether an earlier process left deleted words in the full-text index."""
        self._has_deleted_words = full_text.has_deleted_words(connection)

    def count_deletion(self) -> int:
        """Note that a transaction has deleted content. Return its number for `erase`."""
        with self._lock:
            self._deletions += 1
            self._has_deleted_words = True
            return self._deletions

    def erase(
        self, connection: sqlite3.Connection, deletion: int | None = None, *, wait: bool = True
    ) -> None:
        """Remove deleted content from the full-text index and from the log, as far as possible.

        Args:
            connection: the connection for writing, in autocommit mode.
            deletion: the deletion that is to be erased; nothing is done if another thread has
                erased it meanwhile. None: all of them.
            wait: whether to wait for readers and other writers.
        """
        if deletion is not None and self._erased >= deletion and not self._has_deleted_words:
            return
        deletions = self._deletions
        if self._has_deleted_words and time.monotonic() >= self._purge_at:
            self._purge(connection, wait=wait)
        if self._truncate(connection, ERASURE_WAIT_SECONDS if wait else 0):
            self._erased = deletions

    def erase_finally(self, connection: sqlite3.Connection) -> None:
        """Remove what is left before the connection is closed."""
        if self._has_deleted_words or self._erased < self._deletions:
            self._purge_at = 0.0
            self.erase(connection)

    def limit(self, connection: sqlite3.Connection) -> None:
        """Truncate the log if it is too large, after a write."""
        try:
            size = self._file.stat().st_size
        except OSError:
            return
        if size > MAX_LOG_BYTES and time.monotonic() >= self._retry_at:
            timeout = min(SIZE_WAIT_SECONDS * size / MAX_LOG_BYTES, MAX_SIZE_WAIT_SECONDS)
            self._truncate(connection, timeout)

    def _truncate(self, connection: sqlite3.Connection, timeout: float) -> bool:
        """Return whether the log is empty now."""
        with _busy_timeout(connection, timeout, self._busy_timeout):
            self._may_read.clear()
            try:
                row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error:  # the disk is full, or another process checkpoints
                row = (1,)
            finally:
                self._may_read.set()
        if row[0] != 0:
            self._retry_at = time.monotonic() + RETRY_INTERVAL_SECONDS
            return False
        return True

    def _purge(self, connection: sqlite3.Connection, *, wait: bool) -> None:
        started = time.monotonic()
        timeout = self._busy_timeout if wait else 0
        with _busy_timeout(connection, timeout, self._busy_timeout):
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:  # another process is writing
                return
            try:
                full_text.purge_deleted_words(connection)
                connection.execute("COMMIT")
            except sqlite3.OperationalError:  # the disk is full
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._purge_at = time.monotonic() + RETRY_INTERVAL_SECONDS
                return
        self._has_deleted_words = False
        self._deletions += 1  # the log has the pages from which the words were removed
        now = time.monotonic()
        self._purge_at = now + (now - started) / MAX_PURGE_SHARE


@contextmanager
def _busy_timeout(connection: sqlite3.Connection, seconds: float, usual: float) -> Iterator[None]:
    """Replace the busy timeout of a connection within the block."""
    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(usual * 1000)}")
