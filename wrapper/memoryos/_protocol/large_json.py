"""Decode large JSON in many small steps.

The C decoders hold Python's global lock until they are done: 60 MB that a service made up for it
take them many seconds and gigabytes, in which no other thread runs. This decoder lets other threads
run between any two steps, can be stopped, and counts.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Callable, Dict, List, Union

SMALL_BYTES = 256 * 1024
"""The size up to which a body is decoded at once, whatever is in it."""

LARGE_BYTES = 4 * 1024 * 1024
"""The size from which a body is never decoded at once."""

MAX_VALUES = 500_000
"""The maximum number of JSON values in a body. A list of 100 memories has a few thousand."""

MAX_DEPTH = 900
"""The maximum depth of nested values; that of the C decoders depends on the call stack."""

MAX_MARKS_AT_ONCE = 200_000
"""The number of bytes that begin or separate values, or escape characters, that the C decoders
take at once: in about 0.03 s."""

_MAX_DIGITS = 4300
"""The digits of an integer or a fraction; Python converts no longer integers."""

_STEP_BYTES = 1024 * 1024
_SPACES = " \t\n\r"
_SPACE = re.compile(rf"[{_SPACES}]{{1,{64 * 1024}}}")
_SPECIAL = re.compile(r'["\\\x00-\x1f]')
_HEX = re.compile(r"[0-9A-Fa-f]{4}")
_NUMBER = re.compile(
    rf"(-?(?:0|[1-9][0-9]{{0,{_MAX_DIGITS}}}))"
    rf"(\.[0-9]{{1,{_MAX_DIGITS}}})?([eE][-+]?[0-9]{{1,{_MAX_DIGITS}}})?"
)
_ESCAPES = {
    **{character: character for character in '"\\/'},
    **{"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"},
}
_CONSTANTS = {
    **{"null": None, "true": True, "false": False},
    **{"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf},
}
_PARTS_AT_ONCE = 10_000  # to join more at once would take too long


class TooManyValuesError(ValueError):
    """The JSON has more values than a response of Memory OS can have."""


class StoppedError(Exception):
    """Decoding was stopped."""


def is_slow(content: bytes) -> bool:
    """Return whether decoding a body at once may take long."""
    if len(content) <= SMALL_BYTES:
        return False
    return len(content) > LARGE_BYTES or _marks(content) > MAX_MARKS_AT_ONCE


def may_have_too_many_values(content: bytes) -> bool:
    """Return whether a body may have more than MAX_VALUES; commas in texts count, too."""
    return len(content) > MAX_VALUES and _marks(content) > MAX_VALUES


def _marks(content: bytes) -> int:
    return len(content) - len(content.translate(None, b",[{\\"))


def decode(content: bytes, should_stop: Callable[[], bool] = lambda: False) -> Any:
    """Return the value that `content` encodes, as `json.loads` does.

    Args:
        content: JSON in UTF-8.
        should_stop: Asked again and again; whether to stop.

    Raises:
        ValueError: It is not JSON, or has more than MAX_VALUES values.
        RecursionError: It is nested too deeply.
        StoppedError: It was stopped.
    """
    decoder = _Decoder(content.decode("utf-8"), should_stop)
    value = decoder.read_document()
    decoder.skip_space()
    if decoder.position != len(decoder.text):
        raise decoder.error("Extra data")
    return value


class _Decoder:
    """Reads one text from its beginning."""

    def __init__(self, text: str, should_stop: Callable[[], bool]) -> None:
        self.text = text
        self.position = 0
        self._should_stop = should_stop
        self._left = MAX_VALUES

    def read_document(self) -> Any:
        """Return the value; containers are kept on a stack of our own."""
        containers: List[Union[List[Any], Dict[str, Any]]] = []
        keys: List[str] = []
        while True:
            self._count()
            self.skip_space()
            opening = self._next()
            if opening in ("[", "{"):
                self.position += 1
                self.skip_space()
                if self._next() != ("]" if opening == "[" else "}"):
                    if len(containers) == MAX_DEPTH:
                        raise RecursionError(f"it is nested more than {MAX_DEPTH} deep")
                    containers.append([] if opening == "[" else {})
                    keys.append("" if opening == "[" else self._read_key())
                    continue
                self.position += 1
                value: Any = [] if opening == "[" else {}
            else:
                value = self._read_scalar(opening)
            while containers:
                container = containers[-1]
                if isinstance(container, list):
                    container.append(value)
                else:
                    container[keys[-1]] = value
                if self._has_another(isinstance(container, list)):
                    if isinstance(container, dict):
                        keys[-1] = self._read_key()
                    break
                value = containers.pop()
                keys.pop()
            else:
                return value

    def _has_another(self, is_list: bool) -> bool:  # noqa: FBT001 - one of two kinds
        """Skip what follows a member; return whether that is another one."""
        self.skip_space()
        separator = self._next()
        if separator not in (",", "]" if is_list else "}"):
            raise self.error("Expecting ',' delimiter")
        self.position += 1
        return separator == ","

    def _read_key(self) -> str:
        self.skip_space()
        if self._next() != '"':
            raise self.error("Expecting property name enclosed in double quotes")
        key = self._read_string()
        self.skip_space()
        if self._next() != ":":
            raise self.error("Expecting ':' delimiter")
        self.position += 1
        return key

    def _read_scalar(self, first: str) -> Any:
        if first == '"':
            return self._read_string()
        for word, value in _CONSTANTS.items():
            if self.text.startswith(word, self.position):
                self.position += len(word)
                return value
        match = _NUMBER.match(self.text, self.position)
        if match is None:
            raise self.error("Expecting value")
        self.position = match.end()
        if self._next().isdigit():
            raise self.error("Exceeds the limit of digits")
        whole, fraction, exponent = match.groups()
        return float(match[0]) if fraction or exponent else int(whole)

    def _read_string(self) -> str:
        start = self.position
        batches: List[str] = []
        parts: List[str] = []
        self.position += 1
        while True:
            end = min(self.position + _STEP_BYTES, len(self.text))
            special = _SPECIAL.search(self.text, self.position, end)
            if special is None:
                parts.append(self.text[self.position : end])
                self.position = end
                if end == len(self.text):
                    raise json.JSONDecodeError("Unterminated string starting at", self.text, start)
                continue
            parts.append(self.text[self.position : special.start()])
            self.position = special.end()
            if special[0] == '"':
                return "".join([*batches, *parts])
            if special[0] != "\\":
                self.position -= 1
                raise self.error("Invalid control character at")
            parts.append(self._unescape(start))
            if len(parts) > _PARTS_AT_ONCE:
                self._check_stop()
                batches.append("".join(parts))
                parts.clear()

    def _unescape(self, start: int) -> str:
        """Return the character that an escape stands for, after its backslash."""
        letter = self._next()
        if not letter:
            raise json.JSONDecodeError("Unterminated string starting at", self.text, start)
        if letter != "u":
            if letter not in _ESCAPES:
                self.position -= 1
                raise self.error("Invalid \\escape")
            self.position += 1
            return _ESCAPES[letter]
        code = self._read_code_unit()
        if 0xD800 <= code <= 0xDBFF and self.text.startswith("\\u", self.position):
            after_high = self.position
            self.position += 1
            low = self._read_code_unit()
            if 0xDC00 <= low <= 0xDFFF:
                return chr(0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00)))
            self.position = after_high
        return chr(code)

    def _read_code_unit(self) -> int:
        match = _HEX.match(self.text, self.position + 1)
        if match is None:
            raise self.error("Invalid \\uXXXX escape")
        self.position = match.end()
        return int(match[0], 16)

    def skip_space(self) -> None:
        """Move to the next character that is no space."""
        while self._next() in _SPACES and self.position < len(self.text):
            match = _SPACE.match(self.text, self.position)
            assert match is not None
            self.position = match.end()

    def _next(self) -> str:
        return self.text[self.position : self.position + 1]

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooManyValuesError(f"it has more than {MAX_VALUES} values")
        self._check_stop()

    def _check_stop(self) -> None:
        if self._should_stop():
            raise StoppedError

    def error(self, reason: str) -> json.JSONDecodeError:
        """Return the error of the present position."""
        return json.JSONDecodeError(reason, self.text, self.position)
