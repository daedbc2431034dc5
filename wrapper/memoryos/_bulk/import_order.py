"""The order in which memories are imported: parents first, otherwise as they were created."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Mapping, Optional, Sequence

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?"
    r"(?:[Zz]|([+-])(\d\d):?(\d\d)?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FRACTION_DIGITS = 9
_NANOSECONDS_PER_SECOND = 1_000_000_000


def import_order(memories: Sequence[Mapping[str, Any]]) -> List[int]:
    """Return the positions of memories in the order in which to import them.

    Oldest first by `created_at`, but each memory after its parent. Memories of the same time stay
    in the order of the file if it begins with the oldest ones, as one written by hand. Otherwise
    they are reversed: an export begins with the newest memories. A memory without a readable time
    stays beside the one that was created before it.
    """
    times = [_nanoseconds(memory.get("created_at")) for memory in memories]
    positions = list(range(len(memories)))
    known = [time for time in times if time is not None]
    if known and not known[0] < known[-1]:
        positions.reverse()
    keys: List[int] = [0] * len(memories)
    latest = min(known, default=0)
    for position in positions:
        time = times[position]
        latest = latest if time is None else time
        keys[position] = latest
    positions.sort(key=keys.__getitem__)
    return _parents_first(memories, positions)


def _parents_first(memories: Sequence[Mapping[str, Any]], positions: List[int]) -> List[int]:
    """Return the positions in their order, but each memory after its parent."""
    places: Dict[str, int] = {}
    for position in positions:
        places.setdefault(memories[position]["id"], position)
    is_placed = [False] * len(memories)
    ordered: List[int] = []
    for position in positions:
        line: List[int] = []  # a memory, its parent, the parent of that one, and so on
        place: Optional[int] = position
        while place is not None and not is_placed[place]:
            is_placed[place] = True
            line.append(place)
            parent_id = memories[place].get("parent_memory_id")
            place = places.get(parent_id) if isinstance(parent_id, str) else None
        ordered.extend(reversed(line))
    return ordered


def _nanoseconds(timestamp: Any) -> Optional[int]:
    """Return the time since 1970; None for what is not a timestamp. UTC if it names no offset."""
    found = _TIMESTAMP.fullmatch(timestamp) if isinstance(timestamp, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    fraction, sign, hours, minutes = found.groups()[6:]
    try:
        time = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    elapsed = time - _EPOCH + (offset if sign == "-" else -offset)
    seconds = elapsed.days * 86_400 + elapsed.seconds
    digits = str(fraction or "")[:_FRACTION_DIGITS].ljust(_FRACTION_DIGITS, "0")
    return seconds * _NANOSECONDS_PER_SECOND + int(digits)
