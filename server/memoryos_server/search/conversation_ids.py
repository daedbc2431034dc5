"""Conversation ids: which messages belong together, by what their memories have in common."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memoryos_server.model.records import Memory

__all__ = ["NO_CONVERSATION", "conversation_id"]

NO_CONVERSATION = 0
"""Conversation number of a memory that belongs to none."""

# Metadata fields that identify a conversation. `sessionId` and `session_uuid` count as `session`;
# `thread_ts` is Slack's.
_CONVERSATION_FIELDS = frozenset(
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
_ID_SUFFIXES = ("uuid", "guid", "id", "key")
_NOT_A_LETTER = re.compile(r"[\W\d_]+")


def conversation_id(memory: Memory) -> int:
    """Return a number that identifies the conversation of a message, never `NO_CONVERSATION`."""
    shared = [f"{name}={memory.metadata[name]!r}" for name in _conversation_names(memory.metadata)]
    origin = [memory.parent_memory_id, memory.source_id, *sorted(shared)]
    digest = blake2b(repr(origin).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


def _conversation_names(metadata: Mapping[str, object]) -> list[str]:
    return [name for name in metadata if _normalized_field(name) in _CONVERSATION_FIELDS]


def _normalized_field(name: str) -> str:
    field = _NOT_A_LETTER.sub("", name).casefold()
    return field.removesuffix(next(filter(field.endswith, _ID_SUFFIXES), ""))
