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

MIN_BYTES = 1024 * 1024
"""Smaller texts are decoded at once."""

STEP_CHARACTERS = 16 * 1024
"""Limit of what is decoded between two steps, except for a single string."""

MAX_CONTAINERS = 500_000
"""Limit of the objects and arrays in a large text; more take gigabytes of memory."""

_AFTER_VALUES = ",]} \t\n\r"
_whitespace = re.compile(r"[ \t\n\r]*").match
_decoder = json.JSONDecoder()
# An object or array that is being read, and in an object the name of the next value.
_Open = Tuple[Union[Dict[str, Any], List[Any]], Optional[str]]


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
    if text.count("[") + text.count("{") > MAX_CONTAINERS:
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
    position = _skip(text, 0)
    while True:
        found = yield from window.read(position)
        if found is None:  # a large object or array, or an error in it
            container, key, position = _enter(text, position)
            if key is not None or not _closes(text, position, container):
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
            position = _skip(text, position)
            if text[position : position + 1] == ",":
                key, position = _next(text, position + 1, container)
                opened.append((container, key))
                break
            if not _closes(text, position, container):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
            value, position = container, position + 1
        else:
            end = _skip(text, position)
            if end != len(text):
                raise json.JSONDecodeError("Extra data", text, end)
            return value


class _Window:
    """A part of the text, so that the scanner can't read further."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._start = 0
        self._part = ""

    def read(self, position: int) -> Generator[None, None, Optional[Tuple[Any, int]]]:
        """Return the value at a position, and its end; None for a large object or array."""
        found = self._within(position) if self._part else None
        if found is None:
            self._start = position
            self._part = self._text[position : position + STEP_CHARACTERS]
            yield
            found = self._within(position)
        if found is None and self._part[:1] not in ("{", "["):
            return _decoder.raw_decode(self._text, position)  # a long string, or an error
        return found

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


def _enter(text: str, position: int) -> Tuple[Union[Dict[str, Any], List[Any]], Optional[str], int]:
    """Return a new container, the first name in it, and the position of what follows."""
    container: Union[Dict[str, Any], List[Any]] = {} if text[position] == "{" else []
    position = _skip(text, position + 1)
    if isinstance(container, dict) and not _closes(text, position, container):
        return container, *_name(text, position)
    return container, None, position


def _next(
    text: str, position: int, container: Union[Dict[str, Any], List[Any]]
) -> Tuple[Optional[str], int]:
    """Return the name of the next value in a container, and the position of the value."""
    position = _skip(text, position)
    return _name(text, position) if isinstance(container, dict) else (None, position)


def _name(text: str, position: int) -> Tuple[str, int]:
    if text[position : position + 1] != '"':
        message = "Expecting property name enclosed in double quotes"
        raise json.JSONDecodeError(message, text, position)
    name, position = _decoder.raw_decode(text, position)
    position = _skip(text, position)
    if text[position : position + 1] != ":":
        raise json.JSONDecodeError("Expecting ':' delimiter", text, position)
    return name, _skip(text, position + 1)


def _closes(text: str, position: int, container: Union[Dict[str, Any], List[Any]]) -> bool:
    return text[position : position + 1] == ("}" if isinstance(container, dict) else "]")


def _skip(text: str, position: int) -> int:
    """Return the position after whitespace."""
    found = _whitespace(text, position)
    return position if found is None else found.end()
