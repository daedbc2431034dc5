"""JSON strings: how to recognize them, and how to decode a long one in steps."""

from __future__ import annotations

import json
from typing import Generator, List, Optional, Tuple

CHARACTERS = r'[^"\\]*(?:\\.[^"\\]*)*'
"""Regular expression, with `re.DOTALL`, for what is between the quotes of a string.

It matches everywhere, so it never backtracks far.
"""

PART_CHARACTERS = 64 * 1024
"""Limit of the text that is decoded between two steps."""

_SHORT_CHARACTERS = 256  # most names are shorter
_ESCAPE_CHARACTERS = len(r"\u1234")
_UNTERMINATED = "Unterminated string"

_decoder = json.JSONDecoder()


def without_escaped_quotes(text: str) -> str:
    """Return a JSON text without the escapes of backslashes and quotes.

    Each quote that is left begins or ends a string. An expression that matches the escapes would
    take many bytes of memory for each.
    """
    return text.replace(r"\\", "").replace('\\"', "")


def decode_string(text: str, start: int) -> Generator[None, None, Tuple[str, int]]:
    """Return the string whose opening quote is at `start`, and the position after it.

    Raises:
        ValueError: It is malformed, or doesn't end.
    """
    parts: List[str] = []
    position = start + 1
    size = min(_SHORT_CHARACTERS, PART_CHARACTERS)
    while True:
        part = text[position : position + size]
        try:
            value, end = _decoder.raw_decode(f'"{part}')
        except json.JSONDecodeError as error:
            beginning = None
            if position + len(part) < len(text) and _may_go_on(error, len(part)):
                beginning = _beginning_of(part)
            if beginning is None:
                is_open = error.msg.startswith(_UNTERMINATED)
                at = start if is_open else position + error.pos - 1
                raise json.JSONDecodeError(error.msg, text, at) from None
        else:
            parts.append(value)
            return "".join(parts), position + end - 1
        value, length = beginning
        parts.append(value)
        position += length
        size = PART_CHARACTERS
        yield


def _may_go_on(error: json.JSONDecodeError, length: int) -> bool:
    """Return whether a part is wrong only because it ends within the string, or an escape."""
    return error.msg.startswith(_UNTERMINATED) or error.pos > length - 2 * _ESCAPE_CHARACTERS


def _beginning_of(part: str) -> Optional[Tuple[str, int]]:
    """Return what a part without a closing quote begins with, and the length of that text."""
    for length in range(len(part), max(0, len(part) - _ESCAPE_CHARACTERS), -1):
        try:  # where this cuts an escape, it is none, or takes the quote
            value: str = _decoder.decode(f'"{part[:length]}"')
        except json.JSONDecodeError:
            continue
        if "\ud800" <= value[-1:] <= "\udbff":  # the other half of the character may follow
            return value[:-1], length - _ESCAPE_CHARACTERS
        return value, length
    return None
