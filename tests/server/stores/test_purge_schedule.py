"""When expired rows are deleted, and whose."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from memoryos_server.stores.purge_schedule import PURGE_INTERVAL, PurgeSchedule

NOW = datetime(2026, 11, 30, tzinfo=timezone.utc)
SOON = NOW + PURGE_INTERVAL - timedelta(microseconds=1)
LATER = NOW + PURGE_INTERVAL


@pytest.fixture
def schedule():
    return PurgeSchedule()


def nobody():
    return []


def test_a_write_purges_its_owner_once_in_an_interval(schedule):
    """Each owner at its own pace."""
    times = [("ada", NOW), ("ada", SOON), ("bo", SOON), ("ada", LATER), ("bo", LATER)]
    due = [schedule.due(owner, now, nobody) for owner, now in times]
    assert due == [["ada"], [], ["bo"], ["ada"], []]


def test_the_others_take_turns(schedule):
    """One in an interval, in their order, with those that came in the meantime."""
    turns, others = [], ["ada", "bo", "cy"]
    for number in range(6):
        due = schedule.due("me", NOW + number * PURGE_INTERVAL, lambda: ["me", *reversed(others)])
        assert due[0] == "me"
        turns += due[1:]
        if number == 3:
            others.append("bob")
    assert turns == ["ada", "bo", "cy", "ada", "bo", "bob"]


def test_who_else_there_is_is_asked_once_in_an_interval(schedule):
    asked = []

    def others():
        asked.append(1)
        return ["bo"]

    for now in (NOW, SOON, SOON, LATER):
        schedule.due("ada", now, others)
    assert len(asked) == 2


def test_what_is_unfinished_goes_on_with_the_next_write_of_anybody(schedule):
    schedule.due("ada", NOW, nobody)
    schedule.unfinished("ada")
    schedule.unfinished("bo")
    assert schedule.due("ada", NOW, nobody) == ["ada", "bo"]
    assert schedule.due("ada", NOW, nobody) == []


def test_a_clock_that_was_set_back_stops_nothing(schedule):
    schedule.due("ada", LATER, nobody)
    assert schedule.due("ada", NOW, lambda: ["bo"]) == ["ada", "bo"]


def test_owners_who_write_no_more_take_no_memory(schedule):
    for number in range(100):
        schedule.due(f"owner {number}", NOW, nobody)
    schedule.due("ada", LATER, nobody)
    assert len(schedule._last) == 1
