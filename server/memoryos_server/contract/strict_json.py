"""Strict JSON decoding and encoding according to RFC 8259.

Python's `json` accepts `NaN`, reads 1e999 as infinity, keeps the last of two equal names and builds
strings that UTF-8 can't encode. The server could store such values but not return them, so this
module rejects them.
"""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["MAX_JSON_DEPTH", "InvalidJSONError", "decode", "encode"]

MAX_JSON_DEPTH = 100
"""Maximum nesting depth of arrays and objects.

It is far below the depth at which any encoder or decoder runs out of stack.
"""


class InvalidJSONError(ValueError):
    """The bytes are not valid JSON, or exceed a limit. The message doesn't quote them."""


def decode(data: bytes) -> Any:
    """Return the value of a JSON text.

    Args:
        data: JSON text in UTF-8.

    Raises:
        InvalidJSONError: The text is not UTF-8 or not JSON, has a number beyond the range of a
            double, a duplicate name, an unpaired surrogate, or more than `MAX_JSON_DEPTH` levels.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJSONError(f"is not valid UTF-8 at byte {error.start}") from None
    value = _parse(text)
    # Only an escape can produce an unpaired surrogate: the UTF-8 decoder rejects them.
    if "\\u" in text and not _is_encodable(value):
        raise InvalidJSONError("contains a string with an unpaired surrogate")
    # The number of opening brackets is an upper bound of the depth, and cheap to compute.
    if text.count("[") + text.count("{") > MAX_JSON_DEPTH and _is_deeper(value, MAX_JSON_DEPTH):
        raise InvalidJSONError(_TOO_DEEP)
    return value


def encode(value: Any) -> bytes:
    """Return `value` as compact JSON in UTF-8.

    Raises:
        ValueError: A number is not finite, or a string contains an unpaired surrogate.
        TypeError: JSON can't represent a type.
    """
    return _ENCODER.encode(value).encode("utf-8")


_MAX_INTEGER_CHARACTERS = 309
_TOO_DEEP = f"is nested more than {MAX_JSON_DEPTH} levels deep"


def _parse(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJSONError(
            f"is not valid JSON at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise InvalidJSONError(_TOO_DEEP) from None


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidJSONError("contains a number that is too large")
    return number


def _integer(text: str) -> int:
    # Most other decoders store numbers as doubles, and would reject it (RFC 8259, section 6).
    if len(text) >= _MAX_INTEGER_CHARACTERS:
        _finite(text)
    return int(text)


def _reject_constant(name: str) -> float:
    raise InvalidJSONError(f"contains {name}, which is not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidJSONError("contains an object with a duplicate name")
    return members


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(
    parse_float=_finite,
    parse_int=_integer,
    parse_constant=_reject_constant,
    object_pairs_hook=_object,
)


def _is_encodable(value: Any) -> bool:
    try:
        encode(value)
    except UnicodeEncodeError:
        return False
    except RecursionError:
        raise InvalidJSONError(_TOO_DEEP) from None
    return True


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
    return any(isinstance(item, (dict, list)) for item in level)


def _children(value: Any) -> list[Any]:
    nested = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in nested if isinstance(child, (dict, list))]
