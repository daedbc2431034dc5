"""Memories are imported oldest first, and parents before their children."""

from __future__ import annotations

import pytest

from memoryos._bulk.import_order import import_order


def ordered(*times):
    """Return the positions of memories in the order of an import."""
    return import_order([{"id": f"id-{n}", "created_at": time} for n, time in enumerate(times)])


@pytest.mark.parametrize(
    "times",
    [
        ("2026-01-01T00:00:00Z",) * 3,
        ("2026-01-01T00:00:01Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.12345678Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:01+00:00", "2026-01-01T00:00:00.999999Z", "2026-01-01T02:00:00+02:00"),
        ("2026-01-01T00:30:00-0100", "2026-01-01T02:00:00+01:00", "2025-12-31 23:59:59"),
        ("2026-01-01T00:00:00Z", None, "2025-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "yesterday"),
        ("2026-01-01T00:00:00Z", "2026-13-41T00:00:00Z", 5),
    ],
)
def test_an_export_is_imported_from_its_end(times):
    """It begins with the newest memories, and may have several of one time."""
    assert ordered(*times) == [2, 1, 0]


@pytest.mark.parametrize(
    "times",
    [
        (None, None, None),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
        ("2025-12-31T23:59:59Z", None, "2026-01-01T00:00:00.5Z"),
    ],
)
def test_a_file_that_begins_with_the_oldest_is_imported_from_its_start(times):
    """Such as one that was written by hand, with times or without."""
    assert ordered(*times) == [0, 1, 2]


def test_times_come_before_places():
    times = ["2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]
    assert ordered(*times) == [1, 2, 0]


def test_a_long_chain_of_parents_is_no_recursion():
    memories = [{"id": str(n), "parent_memory_id": str(n + 1)} for n in range(100_000)]
    assert import_order(memories) == list(range(99_999, -1, -1))
