"""Decode a large JSON text in steps, so that an event loop gets a turn between them.

The standard library's scanner decodes values that are small enough; this module descends only into
objects and arrays that are too large for one step.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any, Dict, Generator, List, Optional, Tuple, Union

from . import json_codec
from .json_strings import decode_string

MIN_BYTES = 256 * 1024
"""Smaller texts are decoded at once."""

STEP_CHARACTERS = 16 * 1024
"""Limit of the values that are decoded between two steps."""

COPY_CHARACTERS = 1024 * 1024
"""Limit of the text that is copied or skipped between two steps."""

MAX_NUMBER_CHARACTERS = 64 * 1024
"""Limit of one number; Python converts no integer of that length."""

MAX_CONTAINERS = 500_000
"""Limit of the objects and arrays in a large text; more take gigabytes of memory."""

_AFTER_VALUES = ",]} \t\n\r"
_whitespace = re.compile(rf"[ \t\n\r]{{1,{STEP_CHARACTERS}}}").match
_decoder = json.JSONDecoder()
_Container = Union[Dict[str, Any], List[Any]]
# What is being read, and in an object the name of the next value.
_Open = Tuple[_Container, Optional[str]]
# What ends a member of an object or array, from the most frequent to the most certain.
_SEPARATORS = (",", "},", "],", '",')


def decode_in_steps(content: bytes) -> Generator[None, None, Any]:
    """Return the value that `content` encodes, as `json_codec.decode` does.

    Raises:
        ValueError: It is not JSON, or contains too many objects and arrays.
        RecursionError: It is nested too deeply.
    """
    if len(content) < MIN_BYTES:
        return json_codec.decode(content)
    text = yield from _text(content)
    # Brackets in strings count too, which hardly matters for so many.
    containers = 0
    for start in range(0, len(text), COPY_CHARACTERS):
        part = text[start : start + COPY_CHARACTERS]
        containers += part.count("[") + part.count("{")
        yield
    if containers > MAX_CONTAINERS:
        raise ValueError(f"more than {MAX_CONTAINERS} objects and arrays")
    return (yield from _value(text))


def _text(content: bytes) -> Generator[None, None, str]:
    decoder = codecs.getincrementaldecoder(json_codec.encoding_of(content))()
    parts: List[str] = []
    for start in range(0, len(content), MIN_BYTES):
        parts.append(decoder.decode(content[start : start + MIN_BYTES]))
        yield
    parts.append(decoder.decode(b"", final=True))
    return "".join(parts)


def _value(text: str) -> Generator[None, None, Any]:
    window = _Window(text)
    opened: List[_Open] = []
    position = yield from _skip(text, 0)
    while True:
        found = yield from window.read(position)
        if found is None:  # a large object or array, or an error in it
            container: _Container = {} if text[position] == "{" else []
            position = yield from _skip(text, position + 1)
            if not _closes(text, position, container):
                key, position = yield from _next(text, position, container, window)
                opened.append((container, key))
                continue
            found = container, position + 1
        value, position = found
        while opened:
            container, key = opened.pop()
            if isinstance(container, dict):
                container[str(key)] = value
            else:
                container.append(value)
            position = yield from _skip(text, position)
            if text[position : position + 1] == ",":
                key, position = yield from _next(text, position + 1, container, window)
                opened.append((container, key))
                break
            if not _closes(text, position, container):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
            value, position = container, position + 1
        else:
            end = yield from _skip(text, position)
            if end != len(text):
                raise json.JSONDecodeError("Extra data", text, end)
            return value


class _Window:
    """A part of the text, so that the scanner can't read further."""

    def __init__(self, text: str) -> None:
        self.end = 0
        self._text = text
        self._start = 0
        self._part = ""
        # No members are decoded together before this position.
        self._large_until = 0

    def read(self, position: int) -> Generator[None, None, Optional[Tuple[Any, int]]]:
        """Return the value at a position, and its end; None for a large object or array."""
        found = self._within(position) if self._part else None
        if found is None:
            self._start = position
            self._part = self._text[position : position + STEP_CHARACTERS]
            yield
            found = self._within(position)
        if found is not None or self._part[:1] in ("{", "["):
            return found
        if self._part[:1] == '"':
            return (yield from decode_string(self._text, position))
        return _number_or_word(self._text, position)

    def read_members(self, position: int, container: _Container) -> bool:
        """Add the small members that follow to a container; `end` is the position after them.

        Returns:
            Whether there are any. After the last one comes another member, or an error.
        """
        if position < self._large_until:
            return False
        part = self._text[position : position + STEP_CHARACTERS]
        opening, closing = "{}" if isinstance(container, dict) else "[]"
        for separator in _SEPARATORS:
            length = part.rfind(separator) + len(separator) - 1
            try:  # a comma within a member fails, or ends the text too early
                members = (
                    _decoder.decode(f"{opening}{part[:length]}{closing}") if length > 0 else None
                )
            except (ValueError, RecursionError):
                continue
            if members:
                container.update(members) if isinstance(container, dict) else container.extend(
                    members
                )
                self.end = position + length + 1
                return True
        self._large_until = position + STEP_CHARACTERS
        return False

    def _within(self, position: int) -> Optional[Tuple[Any, int]]:
        try:
            value, end = _decoder.raw_decode(self._part, position - self._start)
        except (json.JSONDecodeError, IndexError):
            return None
        end += self._start
        if end == len(self._text):
            return value, end
        # Where the window ends within a number, its beginning is a number too.
        is_whole = end < self._start + len(self._part) and self._text[end] in _AFTER_VALUES
        return (value, end) if is_whole else None


def _number_or_word(text: str, position: int) -> Tuple[Any, int]:
    """Return a value that is no container and no string, and its end.

    Raises:
        ValueError: It is none, or a number that is too long.
    """
    part = text[position : position + MAX_NUMBER_CHARACTERS]
    try:
        value, end = _decoder.raw_decode(part)
    except json.JSONDecodeError as error:
        raise json.JSONDecodeError(error.msg, text, position + error.pos) from None
    if end == MAX_NUMBER_CHARACTERS:
        raise json.JSONDecodeError("Too long a number", text, position)
    return value, position + end


def _next(
    text: str, position: int, container: _Container, window: _Window
) -> Generator[None, None, Tuple[Optional[str], int]]:
    """Add small members to a container; return the name and position of the next value."""
    position = yield from _skip(text, position)
    while window.read_members(position, container):
        yield
        position = yield from _skip(text, window.end)
    if isinstance(container, dict):
        return (yield from _name(text, position))
    return None, position


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


def _closes(text: str, position: int, container: Union[Dict[str, Any], List[Any]]) -> bool:
    return text[position : position + 1] == ("}" if isinstance(container, dict) else "]")


def _skip(text: str, position: int) -> Generator[None, None, int]:
    """Return the position after whitespace."""
    while True:
        found = _whitespace(text, position)
        if found is None:
            return position
        position = found.end()
        if position - found.start() == STEP_CHARACTERS:
            yield
