"""The order of memories: by creation time, then by number, whatever the clock does."""

from __future__ import annotations

import random

import pytest

from memoryos_server.service.memories import MAX_CLOCK_STEP

pytestmark = pytest.mark.both_stores

STEPS = {
    "stands still": [{}] * 12,
    "is set back once": [{"seconds": 1}] * 5 + [{"minutes": -10}] + [{"seconds": 1}] * 6,
    "goes back all the time": [{"seconds": -5}] * 12,
    "is set back by most of an hour": [{"minutes": -19}] * 3 + [{"microseconds": 1}] * 6,
    "jumps": [{"seconds": random.Random(5).randint(-60, 60)} for _ in range(12)],
    "is coarse": [{}, {}, {}, {"milliseconds": 16}] * 3,
}


@pytest.fixture(params=STEPS.values(), ids=STEPS)
def lines(request, user, clock):
    """Create lines while the clock does what it shouldn't, and return their ids in order."""
    created = []
    for number, step in enumerate(request.param):
        clock.advance(**step)
        memory = user.create(f"line {number}", content_type="conversation", tier="long")
        created.append(memory["id"])
    return created


def test_a_list_is_in_the_order_of_creation(user, lines):
    """Newest first, in one page and over several."""
    assert [memory["id"] for memory in user.list()] == lines[::-1]
    pages = [user.list(limit=5, offset=offset) for offset in range(0, len(lines), 5)]
    assert [memory["id"] for page in pages for memory in page] == lines[::-1]


def test_creation_times_never_go_back(user, lines):
    times = [user.get(memory_id)["created_at"] for memory_id in lines]
    assert times == sorted(times)


def test_a_search_takes_the_neighbours_in_the_order_of_creation(user, clock):
    """What precedes and follows the line that fits best comes right after it."""
    for text in ["a b c", "left", "needle", "right", "x y z"]:
        user.create(text, content_type="conversation", tier="long")
        clock.advance(minutes=-1)
    found = user.found("needle", threshold=0)
    assert found[0] == "needle"
    assert {*found[1:3]} == {"left", "right"}


def test_each_owner_has_an_order_of_its_own(user, clock, user_of):
    other = user_of(user.service, "other")
    user.create("a")
    clock.advance(hours=-1)
    assert other.create("b")["created_at"] < user.create("c")["created_at"]


def test_a_memory_of_a_wrong_clock_does_not_date_the_later_ones(user, clock):
    """Further ahead than an hour, the clock was wrong then, not now."""
    clock.advance(days=400)
    user.create("from the future")
    clock.advance(days=-400)
    assert user.create("now")["created_at"].startswith("2026-11-22T10:00:00")
    clock.advance(days=400)
    clock.now -= MAX_CLOCK_STEP
    later = user.create("an hour before")
    assert later["created_at"] == user.list()[0]["created_at"]


def test_a_change_is_never_older_than_the_creation(user, clock):
    memory = user.create("a", tier="long")
    clock.advance(minutes=-5)
    changed = user.update(memory["id"], importance_score=0.9)
    assert changed["updated_at"] >= changed["created_at"]


def test_a_clock_that_was_set_back_deletes_nothing(user, clock):
    """Only the current time counts: a memory whose time was to come has not expired."""
    short = user.create("short")
    clock.advance(hours=23)
    user.create("later", tier="long")
    clock.advance(hours=-22)
    user.create("now", tier="long")
    assert short["id"] in [memory["id"] for memory in user.list()]


def test_a_retry_gets_the_same_creation_time(user, clock):
    user.create("a")
    clock.advance(minutes=-5)
    first = user.create("b", key="k")
    clock.advance(minutes=1)
    assert user.create("b", key="k") == first
