"""The date of what a memory tells, from its metadata, and which of two memories is the later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.text.metadata_dates import metadata_date, metadata_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from memoryos_server.model.records import Memory

__all__ = ["event_date", "time_order"]


def event_date(metadata: Mapping[str, object]) -> str | None:
    """Return the date in the metadata as `2026-03-02`, or `2026-03` if it has no day.

    Returns:
        The date, or None if there is none, or not exactly one.
    """
    if not metadata:
        return None
    dates = metadata_date(metadata)
    years, days = (_numbers(dates.parts, unit) for unit in ("year", "day"))
    months = _numbers(dates.months, "month")
    if len(years) != 1 or len(months) != 1:
        return None
    month = f"{years[0]:04}-{months[0]:02}"
    return f"{month}-{days[0]:02}" if len(days) == 1 else month


def time_order(memory: Memory) -> tuple[str, str, str]:
    """Return a key that orders memories by when they were: by date and time, then by creation."""
    created = memory.created_at.isoformat(timespec="microseconds")
    day = event_date(memory.metadata)
    if day is None:
        return created[: len("2026-03-02")], "", created
    return day, metadata_time(memory.metadata), created


def _numbers(labels: Sequence[str], unit: str) -> list[int]:
    """Return the numbers of labels such as `month 5`."""
    pairs = [label.split() for label in labels]
    return [int(number) for name, number in pairs if name == unit]
