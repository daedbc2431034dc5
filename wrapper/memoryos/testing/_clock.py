"""A clock that tests control."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Optional

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""Default start time."""


class Clock:
    """Clock of a test's Memory OS. It stands still until the test moves it.

    It determines timestamps, expiry and relevance decay. The clock of the process is not affected.

    Args:
        now: Start time, with a time zone. Default: 2026-01-01 00:00 UTC, so that tests are
            reproducible.

    Raises:
        ValueError: `now` has no time zone.

    Example:
        >>> clock = Clock()
        >>> clock.advance(hours=25)  # memories in the short tier expire
    """

    def __init__(self, now: Optional[datetime] = None) -> None:
        self._now = START
        if now is not None:
            self.move_to(now)

    @property
    def now(self) -> datetime:
        """Current time of the clock, in UTC."""
        return self._now

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Move the clock forward by the sum of the arguments.

        Args:
            days: Days to add.
            hours: Hours to add.
            minutes: Minutes to add.
            seconds: Seconds to add.

        Raises:
            ValueError: The sum is negative.
        """
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if step < timedelta():
            raise ValueError("the clock can only advance; use move_to to set it back")
        self._now += step

    def move_to(self, moment: datetime) -> None:
        """Set the clock to any time.

        Args:
            moment: The new time, with a time zone.

        Raises:
            ValueError: `moment` has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError("moment needs a time zone, such as datetime.timezone.utc")
        self._now = moment.astimezone(timezone.utc)

    def __repr__(self) -> str:
        return f"Clock({self._now.isoformat()})"
