"""Decides when a worker process that has ended is replaced."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Restarts"]

RETRY_SECONDS = 2.0
"""The delay while the database can't be reached, which is no failure of the worker."""

STABLE_SECONDS = 60.0
"""A worker that ends sooner after its start counts as a failure."""

MAX_FAILURES = 4
"""Number of failures in a row after which the server gives up."""


@dataclass
class Restarts:
    """The failures in a row of one worker and its replacements."""

    failures: int = 0

    def delay(self, lived_seconds: float, *, is_unavailable: bool = False) -> float | None:
        """Return the seconds until a worker that has ended is replaced, or None to give up.

        The first failure is replaced at once; the delay then doubles from one second.

        Args:
            lived_seconds: Time from its start to its end.
            is_unavailable: Whether it could not start because the database can't be reached.
        """
        if is_unavailable:
            return RETRY_SECONDS
        if lived_seconds >= STABLE_SECONDS:
            self.failures = 0
        self.failures += 1
        if self.failures > MAX_FAILURES:
            return None
        return 0.0 if self.failures == 1 else 2.0 ** (self.failures - 2)
