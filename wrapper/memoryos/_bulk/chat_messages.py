"""Chat messages, as the APIs of models take them: from a dict to a line with a speaker. Pure."""

from __future__ import annotations

from collections import abc
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, cast

from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos._protocol.operations import create_memory
from memoryos._protocol.times import instant, parse, to_text
from memoryos._protocol.validation import check

__all__ = ["OWN_FIELDS", "Line", "as_list", "read_messages"]

OWN_FIELDS = ("session", "position", "speaker", "role", "at")
"""Metadata that `add_messages` writes. The local Memory OS reads `session` and `at`."""

# Each role with what a speaker is called that has no name.
_SPEAKERS = {"user": "User", "assistant": "Assistant"}
_OTHER_ROLES = ("system", "developer", "tool", "function")
_TEXT_PARTS = ("text", "input_text", "output_text")
_TIME_FIELDS = ("created_at", "timestamp")
_TIME_RULE = "must be a datetime with a time zone, a time of RFC 3339 or the seconds since 1970"
_MAX_NAME_CHARACTERS = 64
_CONTENT: Mapping[str, Any] = create_memory.arguments["content"].schema


class Line(NamedTuple):
    """A message to store."""

    offset: int
    """Its index in the messages given."""
    content: str
    """The speaker and the text."""
    fields: Mapping[str, Any]
    """Its speaker, role and time, as metadata."""


def as_list(messages: Any) -> List[Any]:
    """Return messages as a list.

    Raises:
        ValidationError: They are none.
    """
    if isinstance(messages, (str, bytes, abc.Mapping)) or not isinstance(messages, abc.Iterable):
        raise invalid_argument("messages", shown(messages), "must be a list of dicts")
    return list(cast("Any", messages))


def read_messages(messages: List[Any]) -> Tuple[List[Line], List[Tuple[int, str]]]:
    """Return the messages to store, and the indexes of the others, with the reasons.

    Raises:
        ValidationError: A message has no role, or another field that can't be read.
    """
    lines: List[Line] = []
    left_out: List[Tuple[int, str]] = []
    for offset, message in enumerate(messages):
        name = f"messages[{offset}]"
        if not isinstance(message, abc.Mapping):
            rule = "must be a dict with role and content; many objects have model_dump()"
            raise invalid_argument(name, f"a {type(message).__name__}", rule)
        fields = cast("Mapping[str, Any]", message)
        role = _role(name, fields)
        text = _text(f"{name}.content", fields.get("content"))
        if role in _OTHER_ROLES:
            left_out.append((offset, "role"))
        elif not text.strip():
            left_out.append((offset, "empty"))
        else:
            lines.append(_line(offset, role, text, fields))
    return lines, left_out


def _line(offset: int, role: str, text: str, message: Mapping[str, Any]) -> Line:
    name = f"messages[{offset}]"
    speaker = _speaker(f"{name}.name", message.get("name")) or _SPEAKERS[role]
    content = f"{speaker}: {text}"
    check(f"{name}.content", content, _CONTENT)
    return Line(offset, content, {"speaker": speaker, "role": role, **_time(name, message)})


def _role(name: str, message: Mapping[str, Any]) -> str:
    role = message.get("role")
    if not isinstance(role, str) or role not in (*_SPEAKERS, *_OTHER_ROLES):
        rule = f"must be one of {', '.join((*_SPEAKERS, *_OTHER_ROLES))}"
        raise invalid_argument(f"{name}.role", shown(role), rule)
    return role


def _text(name: str, content: Any) -> str:
    """Return the text of a message: that of its parts, without pictures and files."""
    if content is None:
        return ""
    if isinstance(content, str):
        return str.__str__(content)  # the value of an enum's member, not its name
    if not isinstance(content, (list, tuple)):
        raise invalid_argument(name, shown(content), "must be a text or a list of parts")
    texts: List[str] = []
    for index, part in enumerate(cast("Iterable[Any]", content)):
        if not isinstance(part, abc.Mapping):
            raise invalid_argument(f"{name}[{index}]", shown(part), "must be a dict")
        fields = cast("Mapping[str, Any]", part)
        # Without a type, a text would be left out as if it were a picture.
        if _text_in(fields, f"{name}[{index}]", "type") in _TEXT_PARTS:
            texts.append(_text_in(fields, f"{name}[{index}]", "text"))
    return "\n".join(texts)


def _text_in(part: Mapping[str, Any], name: str, field: str) -> str:
    text = part.get(field)
    if not isinstance(text, str):
        raise invalid_argument(f"{name}.{field}", shown(text), "must be a text")
    return text


def _speaker(name: str, given: Any) -> str:
    if given is None:
        return ""
    speaker = " ".join(given.split()) if isinstance(given, str) else ""
    if not 0 < len(speaker) <= _MAX_NAME_CHARACTERS or not speaker.isprintable():
        rule = f"must be a name of 1 to {_MAX_NAME_CHARACTERS} characters"
        raise invalid_argument(name, shown(given), rule)
    return speaker


def _time(name: str, message: Mapping[str, Any]) -> Dict[str, str]:
    """Return when a message was sent, as metadata that searches by date understand."""
    for key in _TIME_FIELDS:
        value = message.get(key)
        if value is not None:
            time = _datetime(value)
            if time is None:
                raise invalid_argument(f"{name}.{key}", shown(value), _TIME_RULE)
            return {"at": to_text(time)}
    return {}


def _datetime(value: Any) -> Optional[datetime]:
    if isinstance(value, datetime):
        return instant(value) if value.utcoffset() is not None else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, timezone.utc)
        except (ValueError, OverflowError, OSError):
            return None
    return parse(value)
