"""Encode and decode JSON.

With the extra `speed`, orjson does the work where it gives the same result as the standard library;
the standard library does the rest. Only the speed differs, except for values nested many hundreds
of levels deep: the standard library's limit depends on the depth of the call stack.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import AbstractSet, Any, FrozenSet, Optional

from .json_nesting import check_nesting


def _installed() -> Any:
    try:
        import orjson
    except ImportError:
        return None
    return orjson


orjson = _installed()

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

# The absolute values that both libraries write without an exponent.
_LEAST_DECIMAL, _MOST_DECIMAL = 1e-4, 1e16

_STRINGS: FrozenSet[Any] = frozenset({str})
_ENCODED_ALIKE: FrozenSet[Any] = frozenset({str, int, bool, type(None)})
_CONTAINERS: FrozenSet[Any] = frozenset({dict, list, tuple})
_SCALARS: FrozenSet[Any] = frozenset({str, int, float, bool, type(None)})

# No copies are made: a text may be large.
_WHITESPACE = re.compile(r"[ \t\n\r]*")
_INCOMPLETE_CHARACTER = "unexpected end of data"
# The names that Python reads as numbers are among them.
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_LONGEST_LITERAL = max(map(len, _LITERALS))
_ESCAPE_AT_END = re.compile(r"\\u[0-9a-fA-F]{0,4}\Z")
_LONGEST_ESCAPE = len(r"\u1234")
_NUMBER_CUT_OFF = re.compile(r"(?<![0-9.eE+-])-?(?:0|[1-9][0-9]*)(?:\.|(?:\.[0-9]+)?[eE][+-]?)\Z")
_NUMBER_CHARACTERS = 64  # of a number that are searched for its beginning

# Longer texts are not decoded again to find out whether they are cut off.
_MAX_CHECKED_LENGTH = 1024 * 1024

# Integers beyond 64 bits have 19 digits or more; orjson reads them as floats.
_LONG_NUMBER = b"0" * 19
_ANY_DIGIT_AS_0 = bytes.maketrans(b"123456789", b"000000000")
# Copies up to this size are cheap; for larger ones, malloc asks the system for memory each time.
_MAX_COPIED_BYTES = 128 * 1024


def encode(value: Any) -> bytes:
    """Return `value` as compact UTF-8 JSON: the same bytes everywhere.

    Raises:
        ValueError: JSON can't represent it: NaN, an infinity, an unpaired surrogate, a cycle.
        TypeError: JSON can't represent its type.
        RecursionError: It is nested too deeply.
    """
    if orjson is not None and _is_encoded_alike(value):
        try:
            content: bytes = orjson.dumps(value)
        except TypeError:  # an integer beyond 64 bits, an unpaired surrogate, deep nesting
            pass
        else:
            return content
    return _ENCODER.encode(value).encode("utf-8")


def encode_alike(value: Any) -> bytes:
    """Return `value` as `encode` does: a value that both libraries encode as the same bytes."""
    if orjson is None:
        return _ENCODER.encode(value).encode("utf-8")
    content: bytes = orjson.dumps(value)
    return content


def encode_fast(value: Any) -> bytes:
    """Return `value` as `encode` does, but possibly with 0.00001 instead of 1e-05.

    Raises the same exceptions as `encode`.
    """
    if orjson is None or not _is_plain(value):
        return encode(value)
    try:
        content: bytes = orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits, an unpaired surrogate, deep nesting
        return encode(value)
    # orjson also writes null for NaN and infinities.
    return encode(value) if b"null" in content else content


def decode(content: bytes) -> Any:
    """Return the value that `content` encodes.

    The encoding is UTF-8 (RFC 8259). A byte order mark is skipped.

    Raises:
        ValueError: It is not JSON.
        RecursionError: It is nested too deeply.
    """
    if orjson is not None and not _has_long_number(content):
        try:
            return orjson.loads(content)
        except (
            ValueError
        ):  # NaN, an escaped unpaired surrogate, a too large number; or invalid JSON
            pass
    text = content.decode(encoding_of(content))
    check_nesting(text)
    return json.loads(text)


def is_cut_off(content: bytes, error: Exception, *, opening: str) -> bool:
    """Return whether `content` is the beginning of a JSON object or array, but not a whole one.

    Args:
        content: What could not be decoded.
        error: The exception that `decode` raised.
        opening: The first characters that count: `{`, `[` or both.
    """
    if isinstance(error, UnicodeDecodeError):
        return _is_cut_off_within_a_character(content, error, opening)
    return (
        isinstance(error, json.JSONDecodeError)
        and _first_character(error.doc) in tuple(opening)
        and _ends_early(error)
    )


def _is_cut_off_within_a_character(content: bytes, error: UnicodeDecodeError, opening: str) -> bool:
    if error.reason != _INCOMPLETE_CHARACTER:
        return False
    if len(content) > _MAX_CHECKED_LENGTH:
        begins = content[:_MAX_CHECKED_LENGTH].decode(encoding_of(content), "ignore")
        return _first_character(begins) in tuple(opening)
    # Without the incomplete character, if nothing else is wrong.
    text = codecs.getincrementaldecoder(encoding_of(content))().decode(content)
    if _first_character(text) not in tuple(opening):
        return False
    mistake = _error_of(text)
    return mistake is not None and _is_within_a_string(
        mistake
    )  # the only place for a character of several bytes


def _first_character(text: str) -> str:
    """Return the first character that is no whitespace, or nothing."""
    start = _end_of_whitespace(text, 0)
    return text[start : start + 1]


def _end_of_whitespace(text: str, position: int) -> int:
    found = _WHITESPACE.match(text, position)
    assert found is not None
    return found.end()


def _ends_early(error: json.JSONDecodeError) -> bool:
    """Return whether a text is no JSON because its end is missing."""
    text, at = error.doc, error.pos
    if _is_within_a_string(error):
        return True
    if error.msg.startswith("Expecting") and _end_of_whitespace(text, at) == len(text):
        return True
    if error.msg == "Expecting value":
        rest = text[at : at + _LONGEST_LITERAL]
        return len(text) - at == len(rest) and any(name.startswith(rest) for name in _LITERALS)
    if error.msg == "Expecting ',' delimiter":
        number = _NUMBER_CUT_OFF.search(text, max(0, at - _NUMBER_CHARACTERS))
        return number is not None and number.start() < at
    return _ends_in_an_escape(text, at)


def _ends_in_an_escape(text: str, at: int) -> bool:
    escape = _ESCAPE_AT_END.search(text, max(0, len(text) - _LONGEST_ESCAPE))
    if escape is None or at < escape.start():
        return False
    if len(text) > _MAX_CHECKED_LENGTH:
        return True
    before = _error_of(text[: escape.start()] + " ")  # an escape before it must not be the end
    return before is not None and _is_within_a_string(before)


def _error_of(text: str) -> Optional[json.JSONDecodeError]:
    try:
        check_nesting(text)
        json.loads(text)
    except json.JSONDecodeError as error:
        return error
    except (ValueError, RecursionError):
        pass
    return None


def _is_within_a_string(error: json.JSONDecodeError) -> bool:
    return error.msg.startswith("Unterminated string")


def encoding_of(content: bytes) -> str:
    """Return the encoding of a JSON text: UTF-8, with or without a byte order mark."""
    return "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"


def _has_long_number(content: bytes) -> bool:
    """Return whether there may be an integer beyond 64 bits; digits in strings count too."""
    # A bytearray is translated faster than bytes, and `rfind` takes a fifth of the time of `in`.
    text = bytearray(content) if len(content) < _MAX_COPIED_BYTES else content
    return text.translate(_ANY_DIGIT_AS_0).rfind(_LONG_NUMBER) >= 0


def is_decimal(number: float) -> bool:
    """Return whether both libraries write a number as the same decimal, without an exponent."""
    return not number or _LEAST_DECIMAL <= abs(number) < _MOST_DECIMAL


def _is_encoded_alike(value: Any) -> bool:
    """Return whether both libraries encode a value as the same bytes, or orjson rejects it."""
    if type(value) in _ENCODED_ALIKE:
        return True
    if type(value) is float:
        return is_decimal(value)
    if type(value) not in _CONTAINERS:
        return False
    members: Any = value
    if isinstance(value, dict):
        if not _STRINGS.issuperset(map(type, members)):
            return False
        members = members.values()
    # Most have such members only, which needs no call for each.
    return _ENCODED_ALIKE.issuperset(map(type, members)) or all(map(_is_encoded_alike, members))


def _is_plain(value: Any) -> bool:
    """Return whether a value is a dict of JSON scalars and lists of them.

    orjson accepts other types than the standard library, and encodes subclasses differently.
    """
    if not _is_one_of({dict}, value):
        return False
    return set(map(type, value)) <= {str} and all(map(_is_scalar_or_list, value.values()))


def _is_scalar_or_list(value: Any) -> bool:
    if _is_one_of({list, tuple}, value):
        return _SCALARS.issuperset(map(type, value))
    return _is_one_of(_SCALARS, value)


def _is_one_of(types: AbstractSet[Any], value: object) -> bool:
    return type(value) in types
