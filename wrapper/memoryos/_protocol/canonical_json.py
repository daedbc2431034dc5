"""Canonical JSON: the same bytes for values that are the same in JSON."""

from __future__ import annotations

import json
from collections import abc
from decimal import Decimal
from typing import Any, Sequence, cast

__all__ = ["canonical_json"]

_ENCODER = json.JSONEncoder(allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: object) -> bytes:
    """Return a value as JSON, independent of how it is written.

    Names are sorted at every depth, and a number has one form: 1, 1.0 and 1e0 are the same, as are
    0 and -0.0. Everything else stays different: True and 1, "1" and 1, null and nothing.

    Args:
        value: A JSON value. Mappings stand for objects, tuples for arrays.

    Raises:
        TypeError: The value is not JSON-serializable.
        ValueError: It contains NaN, an infinity or an integer with too many digits.
        RecursionError: It is nested too deeply.
    """
    return _ENCODER.encode(_canonical(value)).encode("ascii")


def _canonical(value: Any) -> Any:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        # By its decimal digits: as a binary number, 1e23 differs from 10 ** 23.
        return int(Decimal(float.__repr__(value))) if value.is_integer() else value
    if isinstance(value, (dict, abc.Mapping)):
        return {_name(key): _canonical(item) for key, item in cast("Any", value).items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in cast("Sequence[Any]", value)]
    return value


def _name(key: object) -> str:
    if not isinstance(key, str):  # JSON would turn 1 into "1"
        raise TypeError("names must be strings")
    return key
