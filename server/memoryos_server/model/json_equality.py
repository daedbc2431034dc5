"""Equality of JSON values, as filters on metadata and idempotency keys compare them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

__all__ = ["canonical_json"]

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def canonical_json(value: Any) -> str:
    """Return a text that is the same for equal JSON values, and for no others.

    Numbers are equal by value, as 1, 1.0 and 1e0 are, but none equals true or false. Objects are
    equal whatever the order of their names. Texts are equal if they have the same code points.
    """
    return _encode(_with_whole_numbers(value))


def _with_whole_numbers(value: Any) -> Any:
    """Return the value with an `int` for each `float` that is whole."""
    if isinstance(value, dict):
        return {name: _with_whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        # By its decimal digits: as a binary number, 1e23 differs from 10 ** 23.
        return int(Decimal(repr(value)))
    return value
