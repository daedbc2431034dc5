"""JSON between the wire and Python, by RFC 8259 and nothing beyond it.

Python's `json` reads `NaN`, takes 1e999 for infinity, keeps the last of two equal names and builds
strings that UTF-8 can't hold. What is stored that way can't be handed out again, so it is refused
at the door.
"""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["MAX_DEPTH", "InvalidJSONError", "decode", "encode"]

MAX_DEPTH = 100
"""How deeply arrays and objects may be nested.

Far below what exhausts the stack of any reader or writer that the value meets later.
"""


class InvalidJSONError(ValueError):
    """The bytes are not the JSON that this server takes; the message says why, without quoting."""


def decode(data: bytes) -> Any:
    """Return the value that `data` holds.

    Args:
        data: JSON text in UTF-8.

    Raises:
        InvalidJSONError: not UTF-8, not JSON, a number beyond the range of a double, a name that
            one object gives twice, half of a surrogate pair, or nested deeper than `MAX_DEPTH`.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJSONError(f"not valid UTF-8 at byte {error.start}") from None
    value = _parse(text)
    # Only an escape can bring in a lone surrogate: the decoder above lets none through.
    if "\\u" in text and not _is_encodable(value):
        raise InvalidJSONError("a string holds half of a surrogate pair")
    # Counting the openings is a bound on the depth, and far quicker than measuring it.
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise InvalidJSONError(_TOO_DEEP)
    return value


def encode(value: Any) -> bytes:
    """Return `value` as compact JSON in UTF-8.

    Raises:
        ValueError: a number is not finite, or a string holds half of a surrogate pair.
        TypeError: JSON has no such type.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


_LONGEST_SAFE_INTEGER = 309
_TOO_DEEP = f"nested more than {MAX_DEPTH} deep"


def _parse(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJSONError(
            f"not valid JSON at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise InvalidJSONError(_TOO_DEEP) from None


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidJSONError("a number is too large")
    return number


def _integer(text: str) -> int:
    # Nor would other readers take it: most hold every number as a double (RFC 8259, section 6).
    if len(text) >= _LONGEST_SAFE_INTEGER:
        _finite(text)
    return int(text)


def _refuse_constant(name: str) -> float:
    raise InvalidJSONError(f"{name} is not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidJSONError("an object gives the same name twice")
    return members


_DECODER = json.JSONDecoder(
    parse_float=_finite,
    parse_int=_integer,
    parse_constant=_refuse_constant,
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
