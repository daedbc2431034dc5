"""Decode a large JSON text in steps, so that an event loop gets a turn between them.

The standard library's scanner decodes values that are small enough; this module descends only into
objects and arrays that are too large for one step.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any, Generator, List, Pattern, Tuple

from . import json_codec
from .json_strings import CHARACTERS, decode_string
from .json_windows import STEP_CHARACTERS, Container, Window

MIN_BYTES = 256 * 1024
"""Smaller texts are decoded at once."""

COPY_CHARACTERS = 1024 * 1024
"""Limit of the text that is copied or skipped between two steps."""

MAX_CONTAINERS = 500_000
"""Limit of the objects and arrays in a large text; more take gigabytes of memory."""

# Strings are skipped as a whole. Both match everywhere, so they never backtrack far.
_no_brackets = re.compile(r'(?:[^"\[{]+|"' + CHARACTERS + '")*', re.DOTALL)
_no_quote = re.compile(CHARACTERS, re.DOTALL)
_whitespace = re.compile(rf"[ \t\n\r]{{1,{STEP_CHARACTERS}}}").match


def decode_in_steps(content: bytes) -> Generator[None, None, Any]:
    """Return the value that `content` encodes, as `json_codec.decode` does.

    Raises:
        ValueError: It is not JSON, or contains too many objects and arrays.
        RecursionError: It is nested too deeply.
    """
    if len(content) < MIN_BYTES:
        return json_codec.decode(content)
    text = yield from _text(content)
    if (yield from _brackets(text)) > MAX_CONTAINERS:  # most texts have fewer, even in strings
        yield from _check_containers(text)
    return (yield from _value(text))


def _text(content: bytes) -> Generator[None, None, str]:
    decoder = codecs.getincrementaldecoder(json_codec.encoding_of(content))()
    parts: List[str] = []
    for start in range(0, len(content), MIN_BYTES):
        parts.append(decoder.decode(content[start : start + MIN_BYTES]))
        yield
    parts.append(decoder.decode(b"", final=True))
    return "".join(parts)


def _brackets(text: str) -> Generator[None, None, int]:
    """Return the number of opening brackets, including those in strings."""
    count = 0
    for start in range(0, len(text), COPY_CHARACTERS):
        part = text[start : start + COPY_CHARACTERS]
        count += part.count("[") + part.count("{")
        yield
    return count


def _check_containers(text: str) -> Generator[None, None, None]:
    """Reject a text with too many opening brackets outside strings.

    Raises:
        ValueError: There are more than `MAX_CONTAINERS`.
    """
    count = position = 0
    while position < len(text):
        limit = position + STEP_CHARACTERS
        while count <= MAX_CONTAINERS:
            position = _end_of(_no_brackets, text, position, limit)
            if position >= limit or text[position : position + 1] not in ("[", "{"):
                break
            count += 1
            position += 1
        if count > MAX_CONTAINERS:
            raise ValueError(f"more than {MAX_CONTAINERS} objects and arrays")
        yield
        if position < limit and text[position : position + 1] == '"':  # it ends after the limit
            position = yield from _skip_string(text, position)


def _skip_string(text: str, position: int) -> Generator[None, None, int]:
    """Return the position after a string, or after the text if the string doesn't end."""
    position += 1
    while position < len(text):
        limit = position + STEP_CHARACTERS
        position = _end_of(_no_quote, text, position, limit)
        yield
        if position < limit and text[position : position + 1] == '"':
            return position + 1
        if text[position : position + 2] == "\\":  # the last character
            break
    return len(text)


def _end_of(pattern: Pattern[str], text: str, position: int, limit: int) -> int:
    """Return the end of a match of a pattern that matches everywhere."""
    found = pattern.match(text, position, limit)
    assert found is not None
    return found.end()


def _value(text: str) -> Generator[None, None, Any]:
    window = Window(text)
    opened: List[Container] = []
    position = yield from _skip(text, 0)
    while True:
        found = yield from window.read(position)
        if found is None:  # a large object or array, or an error in it
            inner = Container(text[position], position)
            window.depth += 1
            position = yield from _skip(text, position + 1)
            if not _closes(text, position, inner):
                position = yield from _next(text, position, inner, window)
                if not _closes(text, position, inner):
                    opened.append(inner)
                    continue
            window.depth -= 1
            found = inner.value, position + 1
        value, position = found
        while opened:
            container = opened[-1]
            container.add(value)
            position = yield from _skip(text, position)
            if text[position : position + 1] == ",":
                position = yield from _next(text, position + 1, container, window)
                if not _closes(text, position, container):
                    break
            elif not _closes(text, position, container):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
            opened.pop()
            window.depth -= 1
            value, position = container.value, position + 1
        else:
            end = yield from _skip(text, position)
            if end != len(text):
                raise json.JSONDecodeError("Extra data", text, end)
            return value


def _next(
    text: str, position: int, container: Container, window: Window
) -> Generator[None, None, int]:
    """Add members to a container; return the position of the next value, or of its end."""
    position = yield from _skip(text, position)
    while window.read_members(position, container):
        yield
        position = window.end
        if _closes(text, position, container):
            return position
        if text[position] != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
        position = yield from _skip(text, position + 1)
    if isinstance(container.value, dict):
        container.name, position = yield from _name(text, position)
    if _closes(text, position, container):
        raise json.JSONDecodeError("Expecting value", text, position)
    return position


def _name(text: str, position: int) -> Generator[None, None, Tuple[str, int]]:
    if text[position : position + 1] != '"':
        message = "Expecting property name enclosed in double quotes"
        raise json.JSONDecodeError(message, text, position)
    name, position = yield from decode_string(text, position)
    position = yield from _skip(text, position)
    if text[position : position + 1] != ":":
        raise json.JSONDecodeError("Expecting ':' delimiter", text, position)
    position = yield from _skip(text, position + 1)
    return name, position


def _closes(text: str, position: int, container: Container) -> bool:
    return text[position : position + 1] == container.brackets[1]


def _skip(text: str, position: int) -> Generator[None, None, int]:
    """Return the position after whitespace."""
    while True:
        found = _whitespace(text, position)
        if found is None:
            return position
        position = found.end()
        if position - found.start() == STEP_CHARACTERS:
            yield
