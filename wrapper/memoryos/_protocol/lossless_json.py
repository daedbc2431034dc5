"""Encode every value that JSON can be decoded to.

A service can send an escaped unpaired surrogate, or a number that is too large for a double. Both
are read, as a string and as an infinity, but have no form in plain UTF-8 JSON.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .json_strings import CHARACTERS

# A string is matched as a whole, so that words in it are left alone.
_STRING_OR_INFINITY = re.compile(f'"{CHARACTERS}"|Infinity', re.DOTALL)
_TOO_LARGE = "1e999"


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
    if "Infinity" in text:
        text = _STRING_OR_INFINITY.sub(_number_for_infinity, text)
    # Only strings contain surrogates, and the escape of Python is that of JSON.
    return text.encode("utf-8", "backslashreplace")


def _number_for_infinity(found: re.Match[str]) -> str:
    return _TOO_LARGE if found[0] == "Infinity" else found[0]
