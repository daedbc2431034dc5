"""What a run may send, and what counts as its own: the rules that keep other data safe. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, Mapping, Optional, Set

if TYPE_CHECKING:
    from .http_messages import Response

__all__ = ["ENTITY_LIMIT", "Ownership", "is_own_memory", "record_existing_memories", "refusal"]

ENTITY_LIMIT = 3
"""How many entities a run creates at most where nothing else is said: the API can't delete them.

Two are needed; the third is left for the discovery that a server creates what it should refuse.
"""

UNRECOGNIZED_LIMIT = 10
"""After how many creations that can't be told for the run's own no more memories are created."""

_CLOCKS_DIFFER = timedelta(minutes=5)
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_MARKED_FIELDS = ("content", "metadata", "external_id", "source_id")
_HEADERS = frozenset(
    {"accept", "authorization", "content-length", "content-type", "host", "idempotency-key"}
    | {"user-agent", "accept-encoding", "connection"}
)
_READING = frozenset({"GET", "HEAD"})
_CHANGING = frozenset({"PATCH", "DELETE"})


@dataclass
class Ownership:
    """What a run has made so far.

    Args:
        marker: the run's random word, which everything that it makes holds.
        base_path: the path of the base URL, such as `/v1`.
        creating_paths: the paths of the contract that take a POST, without the base path.
        entity_limit: how many entities may be created.
        foreign: ids that were there before the run.
        started: a time that no memory of the run is older than, by the server's clock.
    """

    marker: str
    base_path: str
    creating_paths: FrozenSet[str]
    entity_limit: int = ENTITY_LIMIT
    foreign: Set[str] = field(default_factory=set)
    created: Set[str] = field(default_factory=set)
    deleted: Set[str] = field(default_factory=set)
    absent: Set[str] = field(default_factory=set)
    entities: Dict[str, str] = field(default_factory=dict)
    unrecognized: Set[str] = field(default_factory=set)
    started: Optional[datetime] = None

    def remaining(self) -> Set[str]:
        """Return the ids of the run's memories that are not deleted yet."""
        return self.created - self.deleted


def blocked_reason(method: str, target: str, headers: Mapping[str, str], own: Ownership) -> Optional[str]:
    """Return why a request must not be sent, or None where it may.

    Args:
        method: in upper case.
        target: the path and the query exactly as they go over the wire.
        headers: by name.
        own: what the run has made.
    """
    unknown = [name for name in headers if name.lower() not in _HEADERS]
    if unknown:
        return f"the header {unknown[0]} could change what a request means"
    if method in _READING:
        return None
    path = target[len(own.base_path) :] if target.startswith(own.base_path + "/") else None
    if path is None:
        return f"{method} outside the base URL"
    if method == "POST":
        return _refused_creation(path, headers, own)
    if method in _CHANGING:
        return _refused_change(method, path, own)
    return f"the contract has no {method}"


def _refused_creation(path: str, headers: Mapping[str, str], own: Ownership) -> Optional[str]:
    if path not in own.creating_paths:
        return "POST to a path that the contract does not have"
    if path == "/memories" and len(own.unrecognized) >= UNRECOGNIZED_LIMIT:
        return "the server does not show what it creates, so that it could not be removed"
    if path == "/entities" and len(own.entities) >= own.entity_limit:
        return f"the API can't delete entities, and this run has created {len(own.entities)}"
    key = next((value for name, value in headers.items() if name.lower() == "idempotency-key"), "")
    if key and own.marker not in key:
        return "an Idempotency-Key without the run's marker may be somebody else's"
    return None


def _refused_change(method: str, path: str, own: Ownership) -> Optional[str]:
    prefix, _, memory_id = path.rpartition("/")
    if prefix == "/memories" and memory_id in own.created | own.absent:
        return None
    return f"{method} goes only to what this run has created itself"


def is_own_memory(memory: Any, own: Ownership) -> bool:
    """Say whether an response shows a memory that this run has created.

    It must hold the run's marker, which no other memory can, and be no older than the run: a server
    that hands out an older one instead of creating one may still repeat what it was sent. Where it
    says no time, the marker must stand in the content, which is then like no other.
    """
    if not isinstance(memory, dict) or not is_plain_id(memory.get("id")):
        return False
    if memory["id"] in own.foreign:
        return False
    marked = [name for name in _MARKED_FIELDS if own.marker in repr(memory.get(name))]
    created_at = timestamp(memory.get("created_at"))
    if own.started is None or created_at is None:
        return "content" in marked
    return bool(marked) and created_at >= own.started


def record_existing_memories(own: Ownership, response: Response) -> None:
    """Remember what a list of the newest memories showed before the run, and when that was.

    The run begins at the newest memory, or by the server's own clock, less what two clocks of one
    service may differ by.
    """
    listed = response.data if isinstance(response.data, list) else []
    memories = [each for each in listed if isinstance(each, dict)]
    own.foreign |= {str(each.get("id")) for each in memories}
    times = [timestamp(each.get("created_at")) for each in memories]
    times.append(_date(response.headers.get("date", "")))
    known = [each for each in times if each is not None]
    own.started = max(known, default=_LONG_AGO)


def _date(header: str) -> Optional[datetime]:
    try:
        date = parsedate_to_datetime(header)
    except (TypeError, ValueError, IndexError):
        return None
    return date.replace(tzinfo=timezone.utc) - _CLOCKS_DIFFER


def is_plain_id(value: Any) -> bool:
    """Say whether `value` can stand in a path as it is, and means nothing else there."""
    return isinstance(value, str) and _PLAIN_ID.fullmatch(value) is not None


def timestamp(value: Any) -> Optional[datetime]:
    """Return the time that a string of RFC 3339 says, or None."""
    from dateutil.parser import isoparse

    if not isinstance(value, str):
        return None
    try:
        parsed = isoparse(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo is not None else None
