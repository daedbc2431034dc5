"""The clock that a test moves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from memoryos.testing import Clock

NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)


def test_it_begins_at_the_same_moment_on_every_day():
    assert Clock().now == Clock().now == datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_it_goes_on_by_all_that_is_said_together():
    clock = Clock(NOON)
    clock.advance(days=1, hours=2, minutes=3, seconds=4.5)
    assert clock.now - NOON == timedelta(days=1, hours=2, minutes=3, seconds=4.5)
    clock.advance()
    assert clock.now - NOON == timedelta(days=1, hours=2, minutes=3, seconds=4.5)


def test_it_is_set_to_any_moment_in_any_time_zone():
    clock = Clock(NOON)
    clock.move_to(datetime(2020, 6, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now == datetime(2020, 6, 1, tzinfo=timezone.utc)
    assert repr(clock) == "Clock(2020-06-01T00:00:00+00:00)"


def test_time_does_not_go_backwards_by_mistake_nor_without_a_time_zone():
    clock = Clock(NOON)
    with pytest.raises(ValueError, match="only advance"):
        clock.advance(hours=-1)
    with pytest.raises(ValueError, match="time zone"):
        clock.move_to(datetime(2026, 11, 2))  # noqa: DTZ001 - that it has none is the test
    with pytest.raises(ValueError, match="time zone"):
        Clock(datetime(2026, 11, 2))  # noqa: DTZ001
    assert clock.now == NOON
