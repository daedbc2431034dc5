"""Conditions on the values and the namespaces of a LangGraph store."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Sequence, cast

__all__ = ["literal_prefix", "matches", "matches_namespace", "value_conditions"]

_MAX_CONDITIONS_CHARACTERS = 2048

_COMPARISONS: Dict[str, Callable[[float, float], bool]] = {
    "$gt": lambda value, limit: value > limit,
    "$gte": lambda value, limit: value >= limit,
    "$lt": lambda value, limit: value < limit,
    "$lte": lambda value, limit: value <= limit,
}


def matches(value: Mapping[str, Any], conditions: Optional[Mapping[str, Any]]) -> bool:
    """Return whether an item's value meets all conditions of a search.

    A comparison with something that is no number is not met.

    Args:
        value: The item's value.
        conditions: For each key a value to equal, or operators such as `{"$gte": 3}`.

    Raises:
        ValueError: An operator is unknown.
    """
    return all(_meets(value.get(key), wanted) for key, wanted in (conditions or {}).items())


def _meets(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return _meets_mapping(value, cast("Mapping[str, Any]", wanted))
    if isinstance(wanted, (list, tuple)):
        items = cast("Sequence[Any]", wanted)
        return (
            isinstance(value, list)
            and len(cast("Sequence[Any]", value)) == len(items)
            and all(map(_meets, cast("Sequence[Any]", value), items))
        )
    return bool(value == wanted)


def _meets_mapping(value: Any, wanted: Mapping[str, Any]) -> bool:
    if any(key.startswith("$") for key in wanted):
        return all(_compares(value, name, operand) for name, operand in wanted.items())
    return isinstance(value, Mapping) and matches(cast("Mapping[str, Any]", value), wanted)


def _compares(value: Any, operator: str, operand: Any) -> bool:
    if operator in ("$eq", "$ne"):
        return bool(value == operand) is (operator == "$eq")
    if operator not in _COMPARISONS:
        known = ", ".join(["$eq", "$ne", *_COMPARISONS])
        raise ValueError(f"unknown operator in a filter: {operator}; there are {known}")
    try:
        return _COMPARISONS[operator](float(value), float(operand))
    except (TypeError, ValueError, OverflowError):
        return False


def value_conditions(conditions: Optional[Mapping[str, Any]]) -> Dict[str, str]:
    """Return those conditions of a search that the service decides as LangGraph does.

    These are texts to equal. Other values compare otherwise in JSON: Python's `True` equals 1, and
    a key that is missing equals None.
    """
    texts = {key: text for key, wanted in (conditions or {}).items() for text in _texts(wanted)}
    return texts if len(json.dumps(texts)) <= _MAX_CONDITIONS_CHARACTERS else {}


def _texts(wanted: Any) -> Iterable[str]:
    if isinstance(wanted, Mapping):
        wanted = cast("Mapping[str, Any]", wanted).get("$eq")
    return [wanted] if isinstance(wanted, str) else []


def matches_namespace(namespace: Sequence[str], conditions: Iterable[Any]) -> bool:
    """Return whether a namespace meets all conditions; `*` in a path matches any label.

    Args:
        namespace: The namespace.
        conditions: LangGraph's `MatchCondition`s.

    Raises:
        ValueError: A condition is neither on the prefix nor on the suffix.
    """
    return all(_meets_path(namespace, each.match_type, each.path) for each in conditions)


def _meets_path(namespace: Sequence[str], match_type: str, path: Sequence[str]) -> bool:
    if match_type not in ("prefix", "suffix"):
        raise ValueError(f"unknown match type: {match_type}; there are prefix and suffix")
    if len(namespace) < len(path):
        return False
    start = 0 if match_type == "prefix" else len(namespace) - len(path)
    return all(
        label in ("*", found) for label, found in zip(path, namespace[start : start + len(path)])
    )


def literal_prefix(conditions: Iterable[Any]) -> Sequence[str]:
    """Return the labels that all matching namespaces begin with, as far as one condition says."""
    for condition in conditions:
        if condition.match_type == "prefix":
            path = list(condition.path)
            return path[: path.index("*")] if "*" in path else path
    return ()
