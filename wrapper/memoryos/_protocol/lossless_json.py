"""Encode every value that JSON can be decoded to.

A service can send an escaped unpaired surrogate, or a number that is too large for a double. Both
are read, as a string and as an infinity, but have no form in plain UTF-8 JSON.
"""

from __future__ import annotations

import json
from typing import Any

from .json_strings import without_escaped_quotes

_INFINITY, _TOO_LARGE = "Infinity", "1e999"


def encode(value: Any, *, spaced: bool = False, sort_keys: bool = False) -> bytes:
    r"""Return `value` as UTF-8 JSON that is decoded to the same value.

    An unpaired surrogate becomes an escape such as `\ud83d`, an infinity 1e999 or -1e999. NaN
    becomes `NaN`, which is not JSON; Python's `json` reads it.

    Args:
        value: The value.
        spaced: Put a space after each comma and colon.
        sort_keys: Sort the keys of objects.

    Raises:
        RecursionError: It is nested too deeply.
    """
    separators = (", ", ": ") if spaced else (",", ":")
    text = json.dumps(value, ensure_ascii=False, sort_keys=sort_keys, separators=separators)
    if _INFINITY in text:
        text = _with_numbers_for_infinities(text)
    # Only strings contain surrogates, and the escape of Python is that of JSON.
    return text.encode("utf-8", "backslashreplace")


def _with_numbers_for_infinities(text: str) -> str:
    """Replace each `Infinity` that is no part of a string."""
    parts = text.split(_INFINITY)
    written = [parts[0]]
    is_in_string = False
    for before, part in zip(parts, parts[1:]):
        is_in_string ^= without_escaped_quotes(before).count('"') % 2 == 1
        written += (_INFINITY if is_in_string else _TOO_LARGE), part
    return "".join(written)
