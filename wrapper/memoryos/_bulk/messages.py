"""Messages of a conversation as memories, one each. Pure.

A memory is found again by the session and the position in its metadata; the messages themselves
have no ids.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, Generator, List, Mapping, NamedTuple, Optional, Tuple

from memoryos._protocol import operations
from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos._protocol.canonical_json import canonical_json
from memoryos._protocol.response_fields import reading
from memoryos._protocol.validation import check, check_choice, check_count
from memoryos.exceptions import ConflictError, MemoryOSError

from .chat_messages import OWN_FIELDS, Line, as_list, read_messages

if TYPE_CHECKING:
    from memoryos.types import Memory

__all__ = [
    "CONFLICT_CHOICES",
    "CONTENT_TYPE",
    "LeftOutMessage",
    "MessageChanges",
    "MessagePlan",
    "MessagesReport",
]

CONTENT_TYPE = "conversation"
CONFLICT_CHOICES = ("error", "skip", "update")

_MAX_SESSION_CHARACTERS = 1000
_MAX_POSITION = 2**31 - 1
_MAX_NAMED_POSITIONS = 5


@dataclass(frozen=True)
class LeftOutMessage:
    """A message that was not stored.

    Attributes:
        position: Its position in the session.
        reason: `role` for instructions and the answers of tools, `empty` for a message without
            text, such as a call of a tool or a picture.
    """

    position: int
    reason: str


@dataclass(frozen=True)
class MessagesReport:
    """What `memories.add_messages` did.

    Attributes:
        stored: The new memories, in the order of the messages.
        updated: The memories that were changed, with `on_conflict="update"`.
        skipped: Number of messages that were stored before.
        left_out: The messages that are not stored, because they are no text of a speaker.
        next_position: The position of the message that will follow these: the `start` of the next
            call, if that passes only new messages.
    """

    stored: List[Memory] = field(repr=False)
    updated: List[Memory] = field(repr=False)
    skipped: int
    left_out: Tuple[LeftOutMessage, ...]
    next_position: int


class MessageChanges(NamedTuple):
    """What to send, and the report, to which the results are to be added."""

    updates: List[Dict[str, Any]]
    """The arguments of `memories.update` for each message that differs."""
    creations: List[Dict[str, Any]]
    """The arguments of `memories.create` for each message that is missing."""
    report: MessagesReport

    @contextmanager
    def sending(self, arguments: Mapping[str, Any]) -> Generator[None, None, None]:
        """Add to an error which message failed, and what was done before."""
        try:
            yield
        except MemoryOSError as error:
            position = arguments["metadata"]["position"]
            error.message = f"The message at position {position}: {error.message}"
            done = {"stored": len(self.report.stored), "updated": len(self.report.updated)}
            error.details = {"position": position, **done, **error.details}
            raise


class MessagePlan:
    """What to store of some messages, and what is stored already.

    Args:
        messages: The arguments of `add_messages`.
        session: As above.
        start: As above.
        on_conflict: As above.
        common: The arguments of `memories.create` that all messages share.

    Attributes:
        session: The session's name.

    Raises:
        ValidationError: An argument is invalid.
    """

    def __init__(
        self,
        messages: Any,
        session: Any,
        start: Optional[int],
        on_conflict: str,
        common: Mapping[str, Any],
    ) -> None:
        self.session = _checked_session(session)
        if start is not None:
            check_count("start", start, 0, _MAX_POSITION)
        check_choice("on_conflict", on_conflict, CONFLICT_CHOICES)
        self._start = start
        self._on_conflict = on_conflict
        self._common = _checked_common(common)
        self._given = as_list(messages)
        self._lines, self._left_out = read_messages(self._given)
        self._stored: Dict[int, List[Memory]] = {}

    def learn(self, memory: Memory) -> None:
        """Take note of a memory that may belong to the session. Newest first."""
        with reading("a memory"):
            metadata: Mapping[str, Any] = memory["metadata"]
            position = metadata.get("position")
            if metadata.get("session") == self.session and type(position) is int:
                self._stored.setdefault(position, []).append(memory)

    @property
    def knows_all(self) -> bool:
        """Whether each message is known to be stored already, so that no other memory matters."""
        start = self._start
        return start is not None and all(start + one.offset in self._stored for one in self._lines)

    def changes(self) -> MessageChanges:
        """Decide what to send, when all memories of the session were learned.

        Raises:
            ConflictError: Messages differ, and the plan is not to change them.
        """
        start = self._first_position()
        missing = [line for line in self._lines if start + line.offset not in self._stored]
        differing = [line for line in self._lines if self._differs(line, start)]
        if differing and self._on_conflict == "error":
            raise self._conflict([start + line.offset for line in differing])
        updates = differing if self._on_conflict == "update" else []
        left_out = [LeftOutMessage(start + offset, reason) for offset, reason in self._left_out]
        report = MessagesReport(
            stored=[],
            updated=[],
            skipped=len(self._lines) - len(missing) - len(updates),
            left_out=tuple(left_out),
            next_position=start + len(self._given),
        )
        return MessageChanges(
            [self._update(line, start) for line in updates],
            [self._creation(line, start) for line in missing],
            report,
        )

    def _first_position(self) -> int:
        if self._start is not None:
            return self._start
        return max(self._stored, default=-1) + 1

    def _differs(self, line: Line, start: int) -> bool:
        """Return whether a message is stored with other texts only. Services may trim a text."""
        stored = self._stored.get(start + line.offset, [])
        with reading("a memory"):
            texts = [memory["content"].strip() for memory in stored]
        return bool(stored) and line.content.strip() not in texts

    def _creation(self, line: Line, start: int) -> Dict[str, Any]:
        position = start + line.offset
        metadata: Mapping[str, Any] = self._common.get("metadata") or {}
        arguments = {
            **self._common,
            "content": line.content,
            "content_type": CONTENT_TYPE,
            "external_id": f"{self.session}#{position}",
            "metadata": {
                **metadata,
                "session": self.session,
                "position": position,
                **line.fields,
            },
        }
        return {**arguments, "idempotency_key": _key(arguments)}

    def _update(self, line: Line, start: int) -> Dict[str, Any]:
        newest = self._stored[start + line.offset][0]
        metadata = {**newest["metadata"], **line.fields}
        return {"memory_id": newest["id"], "content": line.content, "metadata": metadata}

    def _conflict(self, positions: List[int]) -> ConflictError:
        named = ", ".join(map(str, positions[:_MAX_NAMED_POSITIONS]))
        more = len(positions) - _MAX_NAMED_POSITIONS
        named += f" and {more} more" if more > 0 else ""
        noun = "position" if len(positions) == 1 else "positions"
        message = (
            f"The session {shown(self.session)} has other messages at {noun} {named}. Nothing "
            "was stored. Pass all messages of the session, or the position of the first one as "
            '`start` (None adds them at the end); on_conflict="update" replaces what is stored. '
            "In a shell: --start N, --append, --on-conflict update"
        )
        details = {"argument": "messages", "positions": positions}
        return ConflictError("CONFLICT", message, 409, details=details)


def _checked_session(session: Any) -> str:
    if not isinstance(session, str) or not session.strip():
        raise invalid_argument("session", shown(session), "must be a string that is not blank")
    check(
        "session", session, {"type": "string", "minLength": 1, "maxLength": _MAX_SESSION_CHARACTERS}
    )
    return str.__str__(session)  # the value of an enum's member, not its name


def _checked_common(common: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the arguments that were given, after checking what would be sent of them."""
    given = {name: value for name, value in common.items() if value is not None}
    operations.build_call(operations.create_memory, {**given, "content": "…"})
    taken = [name for name in OWN_FIELDS if name in given.get("metadata", ())]
    if taken:
        rule = f"must not contain {', '.join(OWN_FIELDS)}, which are those of the message"
        raise invalid_argument("metadata", ", ".join(taken), rule)
    return given


def _key(arguments: Mapping[str, Any]) -> str:
    """Return the key of a message's creation: the same for the same message at this position."""
    return hashlib.sha256(b"message\n" + canonical_json(arguments)).hexdigest()
