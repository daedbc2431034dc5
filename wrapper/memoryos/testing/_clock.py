"""A clock that a test moves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Optional

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""When every test begins, unless it says otherwise."""


class Clock:
    """The time of a Memory OS that is made for a test. It stands still until it is moved.

    What expires and what fades do so by this clock, and what is stored carries its time. It has
    nothing to do with the time of the process, which goes on as ever.

    Args:
        now: The time that it begins with, with a time zone. Default: the first moment of 2026 in
            UTC, so that a test sees the same times on every day.

    Raises:
        ValueError: `now` has no time zone.
    """

    def __init__(self, now: Optional[datetime] = None) -> None:
        self._now = START
        if now is not None:
            self.move_to(now)

    @property
    def now(self) -> datetime:
        """The present time, in UTC."""
        return self._now

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Let time go on by all of these together.

        Raises:
            ValueError: That would be backwards.
        """
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if step < timedelta():
            raise ValueError("time goes forward; move_to sets the clock to any time")
        self._now += step

    def move_to(self, moment: datetime) -> None:
        """Set the clock to a moment, before or after.

        Raises:
            ValueError: It has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError("the moment needs a time zone, such as datetime.timezone.utc")
        self._now = moment.astimezone(timezone.utc)

    def __repr__(self) -> str:
        return f"Clock({self._now.isoformat()})"
