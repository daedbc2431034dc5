"""Rules that protect other data: what a run may send, and which memories it owns. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, Mapping, Optional, Set

if TYPE_CHECKING:
    from .http_messages import Response

__all__ = [
    "ENTITY_LIMIT",
    "Ownership",
    "blocked_reason",
    "is_own_memory",
    "record_existing_memories",
]

ENTITY_LIMIT = 3
"""Maximum number of entities that a run creates by default, because the API can't delete them.

Checks need two. The third detects a server that creates entities it should reject.
"""

UNRECOGNIZED_LIMIT = 10
"""Number of unrecognized creations after which a run creates no more memories."""

_MAX_CLOCK_SKEW = timedelta(minutes=5)
_EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_MARKED_FIELDS = ("content", "metadata", "external_id", "source_id")
_ALLOWED_HEADERS = frozenset(
    {"accept", "authorization", "content-length", "content-type", "host", "idempotency-key"}
    | {"user-agent", "accept-encoding", "connection"}
)
_READ_METHODS = frozenset({"GET", "HEAD"})
_CHANGE_METHODS = frozenset({"PATCH", "DELETE"})


@dataclass
class Ownership:
    """Records of what a run created.

    Args:
        marker: Random word contained in everything that the run creates.
        base_path: Path of the base URL, such as `/v1`.
        creating_paths: Paths of the contract that accept POST, without the base path.
        entity_limit: Maximum number of entities to create.
        foreign: Ids of memories that existed before the run.
        created: Ids of memories created by the run.
        deleted: Ids of memories deleted by the run.
        absent: Random ids that the server doesn't know.
        entities: Names of entities created by the run, by id.
        unrecognized: Ids of created memories that don't contain the marker.
        started: Time by the server's clock that no memory of the run is older than.
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


def blocked_reason(
    method: str, target: str, headers: Mapping[str, str], own: Ownership
) -> Optional[str]:
    """Return the reason why a request must not be sent, or None if it may be sent.

    Args:
        method: HTTP method, in upper case.
        target: Path and query, exactly as they are sent.
        headers: Headers by name.
        own: Records of what the run created.
    """
    unknown = [name for name in headers if name.lower() not in _ALLOWED_HEADERS]
    if unknown:
        return f"the header {unknown[0]} could change the meaning of the request"
    if method in _READ_METHODS:
        return None
    path = target[len(own.base_path) :] if target.startswith(own.base_path + "/") else None
    if path is None:
        return f"{method} outside the base URL"
    if method == "POST":
        return _blocked_creation(path, headers, own)
    if method in _CHANGE_METHODS:
        return _blocked_change(method, path, own)
    return f"the contract has no {method}"


def _blocked_creation(path: str, headers: Mapping[str, str], own: Ownership) -> Optional[str]:
    if path not in own.creating_paths:
        return "POST to a path that the contract does not have"
    if path == "/memories" and len(own.unrecognized) >= UNRECOGNIZED_LIMIT:
        return "the server doesn't return what it creates, so the run couldn't delete it"
    if path == "/entities" and len(own.entities) >= own.entity_limit:
        return f"the API can't delete entities, and this run has created {len(own.entities)}"
    key = next((value for name, value in headers.items() if name.lower() == "idempotency-key"), "")
    if key and own.marker not in key:
        return "an Idempotency-Key without the run's marker may belong to another client"
    return None


def _blocked_change(method: str, path: str, own: Ownership) -> Optional[str]:
    prefix, _, memory_id = path.rpartition("/")
    if prefix == "/memories" and memory_id in own.created | own.absent:
        return None
    return f"{method} is sent only for memories that this run created"


def is_own_memory(memory: Any, own: Ownership) -> bool:
    """Return whether a memory in a response was created by this run.

    It must contain the run's marker and not be older than the run: a faulty server could return an
    older memory with the fields of the request. Without a timestamp, the content itself must
    contain the marker.
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
    """Record the newest memories before the run, and the start time of the run.

    The start is the time of the newest memory, or the response's `Date` minus the clock skew
    tolerated between machines of one service, whichever is later.
    """
    listed = response.data if isinstance(response.data, list) else []
    memories = [each for each in listed if isinstance(each, dict)]
    own.foreign |= {str(each.get("id")) for each in memories}
    times = [timestamp(each.get("created_at")) for each in memories]
    times.append(_date(response.headers.get("date", "")))
    known = [each for each in times if each is not None]
    own.started = max(known, default=_EARLIEST)


def _date(header: str) -> Optional[datetime]:
    try:
        date = parsedate_to_datetime(header)
    except (TypeError, ValueError, IndexError):
        return None
    return date.replace(tzinfo=timezone.utc) - _MAX_CLOCK_SKEW


def is_plain_id(value: Any) -> bool:
    """Return whether a value can be used in a path without escaping."""
    return isinstance(value, str) and _PLAIN_ID.fullmatch(value) is not None


def timestamp(value: Any) -> Optional[datetime]:
    """Parse an RFC 3339 timestamp; None if it is malformed or has no time zone."""
    from dateutil.parser import isoparse

    if not isinstance(value, str):
        return None
    try:
        parsed = isoparse(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo is not None else None
