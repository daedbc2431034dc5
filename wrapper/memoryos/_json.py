"""JSON, both ways, as the wire has it."""

from __future__ import annotations

import json
from typing import Any


def encode(value: Any) -> bytes:
    """Return `value` as compact UTF-8 JSON.

    Raises:
        ValueError: JSON can't hold it: NaN, an infinity, a lone surrogate, a cycle.
        TypeError: JSON can't hold it: a type that it has no form for.
        RecursionError: It is nested too deeply.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def decode(content: bytes) -> Any:
    """Return the value that `content` holds.

    Raises:
        ValueError: It is not JSON in UTF-8.
        RecursionError: It is nested too deeply.
    """
    return json.loads(content.decode("utf-8"))
