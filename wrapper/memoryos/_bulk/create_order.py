"""Order of creation: the items of one conversation one after another, all others concurrently.

Pure: `JobOrder` decides which jobs may run, and `concurrency` in `_sync` and `_async` runs them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Dict, Generic, Hashable, List, Mapping, Optional, Tuple, TypeVar, cast

from memoryos._protocol.canonical_json import canonical_json

Job = TypeVar("Job")
OrderingKeys = Tuple[Hashable, ...]

MAX_READ_AHEAD = 1000
"""How many items are read before their results were returned, at most, if some wait for others."""

CONVERSATION_FIELDS = frozenset(
    [
        "session",
        "conversation",
        "thread",
        "threadts",
        "chat",
        "channel",
        "dialog",
        "dialogue",
        "meeting",
        "room",
    ]
)
"""Metadata fields that identify a conversation; the local Memory OS has the same list.

`sessionId`, `session_id`, `Session-ID` and `session_uuid` count as `session`.
"""

ID_SUFFIXES = ("uuid", "guid", "id", "key")
"""Endings of such fields that are ignored; the local Memory OS has the same list."""

_CONVERSATION = "conversation"
_NOT_A_LETTER = re.compile(r"[\W\d_]+")
_MAX_REMEMBERED_FIELDS = 1024


def ordering_keys(arguments: Mapping[str, Any], idempotency_key: object = None) -> OrderingKeys:
    """Return the keys of an item. Items that share a key are created in order.

    Items share a key if they have the same source, the same parent, the same session in their
    metadata or the same idempotency key. Items of the type `conversation` that name none of the
    first three count as one conversation.

    Args:
        arguments: The arguments of `memories.create`.
        idempotency_key: The item's own idempotency key.
    """
    keys: List[Hashable] = []
    source, parent = arguments.get("source_id"), arguments.get("parent_memory_id")
    if source and isinstance(source, str):
        keys.append(("source_id", source))
    if parent and isinstance(parent, str):
        keys.append(("parent_memory_id", parent.lower()))
    metadata = arguments.get("metadata")
    if metadata and isinstance(metadata, (dict, Mapping)):
        keys += _session_keys(cast("Any", metadata))
    if not keys and arguments.get("content_type") == _CONVERSATION:
        keys.append((_CONVERSATION,))
    if idempotency_key and isinstance(idempotency_key, str):
        keys.append(("idempotency_key", idempotency_key))
    return tuple(keys)


def _session_keys(metadata: Mapping[Any, Any]) -> List[Hashable]:
    keys: List[Hashable] = []
    for name, value in metadata.items():
        if value is None or value == "" or not isinstance(name, str):
            continue
        field = _normalized_field(name)
        if field in CONVERSATION_FIELDS:
            keys.append((field, value if type(value) is str else _text_of(value)))
    return keys


@lru_cache(maxsize=_MAX_REMEMBERED_FIELDS)
def _normalized_field(name: str) -> str:
    field = _NOT_A_LETTER.sub("", name).casefold()
    suffix = next(filter(field.endswith, ID_SUFFIXES), "")
    return field[: len(field) - len(suffix)]


def _text_of(value: object) -> Optional[bytes]:
    try:
        return canonical_json(value)
    except (TypeError, ValueError, RecursionError):
        return None  # validation rejects the item before it is sent


class Turn(Generic[Job]):
    """A job, and the jobs that it waits for.

    Attributes:
        job: The job.
        keys: Its ordering keys.
    """

    __slots__ = ("followers", "job", "keys", "waits_for")

    def __init__(self, job: Job, keys: OrderingKeys) -> None:
        self.job = job
        self.keys = keys
        self.waits_for = 0
        """How many earlier jobs have to end first."""
        self.followers: List[Turn[Job]] = []
        """The jobs that wait for this one."""


class JobOrder(Generic[Job]):
    """Decides when to read another job, and which jobs may run.

    A job may run when the last earlier job of each of its keys has ended. One thread adds jobs and
    hands out results. Others may end jobs; those that have keys need a lock, as does adding them.

    Attributes:
        concurrency: The maximum number of running jobs.

    Args:
        concurrency: The maximum number of running jobs.
        read_ahead: The maximum number of jobs whose results were not returned yet, if some of them
            wait for others. Otherwise it is `concurrency`.
    """

    def __init__(self, concurrency: int, read_ahead: int = MAX_READ_AHEAD) -> None:
        self.concurrency = concurrency
        self._read_ahead = max(concurrency, read_ahead)
        self._last: Dict[Hashable, Turn[Job]] = {}
        self._held = 0
        self._waiting = 0
        # A list, because threads can append to it without a lock.
        self._ended: List[None] = []

    @property
    def wants_job(self) -> bool:
        """Whether another job should be read, to keep the workers busy."""
        if self._held < self.concurrency:
            return True
        active = self._held - self._waiting - len(self._ended)
        return self._waiting > 0 and active < self.concurrency and self._held < self._read_ahead

    @property
    def has_read_ahead(self) -> bool:
        """Whether more jobs were read than can run."""
        return self._held >= self.concurrency

    def add(self, turn: Turn[Job]) -> bool:
        """Add the next job, and return whether it may run now."""
        self._held += 1
        if not turn.keys:
            return True
        # Jobs may share several keys, and wait for each other once.
        last = dict.fromkeys(self._last[key] for key in turn.keys if key in self._last)
        for earlier in last:
            earlier.followers.append(turn)
        turn.waits_for = len(last)
        self._last.update(dict.fromkeys(turn.keys, turn))
        self._waiting += bool(last)
        return not last

    def end(self, turn: Turn[Job]) -> List[Turn[Job]]:
        """Record that a job has ended, and return the jobs that may run now, in order."""
        self._ended.append(None)
        if not turn.keys:
            return []
        for key in turn.keys:
            if self._last.get(key) is turn:
                del self._last[key]
        followers, turn.followers = turn.followers, []
        for follower in followers:
            follower.waits_for -= 1
        ready = [follower for follower in followers if follower.waits_for == 0]
        self._waiting -= len(ready)
        return ready

    def hand_out(self) -> None:
        """Record that the result of an ended job was returned."""
        self._held -= 1
        self._ended.pop()
