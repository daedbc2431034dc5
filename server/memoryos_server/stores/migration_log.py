"""What the server logs about a migration, so that a long one isn't silent."""

from __future__ import annotations

import logging
import time

__all__ = ["MigrationLog"]

SECONDS_BETWEEN_LINES = 10.0

_logger = logging.getLogger("memoryos_server")


class MigrationLog:
    """Logs the beginning of a migration, its progress every few seconds, and its end.

    Args:
        name: the name of the database.
        before: the version of its tables.
        after: the version to which they are migrated.
    """

    def __init__(self, name: str, before: int, after: int) -> None:
        self._name = name
        self._after = after
        self._done = self._total = 0
        self._started = self._last_line_at = time.monotonic()
        _logger.info(
            "Migrating the tables of the database %s from version %d to %d; until this is done, "
            "the database answers no requests",
            name,
            before,
            after,
        )

    def expect(self, total: int) -> None:
        """Begin to count memories, of this number."""
        self._done, self._total = 0, total

    def advance(self, count: int) -> None:
        """Count memories that are done, and log how many that makes."""
        self._done += count
        now = time.monotonic()
        if now - self._last_line_at >= SECONDS_BETWEEN_LINES:
            self._last_line_at = now
            _logger.info(
                "Migrating the database %s: %d of %d memories are indexed anew",
                self._name,
                self._done,
                self._total,
            )

    def end(self) -> None:
        """Log that only the transaction is still to be committed."""
        _logger.info(
            "Committing the migration of the database %s to version %d, after %.1f seconds",
            self._name,
            self._after,
            time.monotonic() - self._started,
        )
