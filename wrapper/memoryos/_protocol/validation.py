"""Checking arguments against the contract's own schemas, before anything is sent."""

from __future__ import annotations

import math
import re
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple, Union, cast

from memoryos._protocol.argument_errors import clipped, invalid_argument, shown

Schema = Mapping[str, Any]
# The argument, then the keys and positions that lead to a value in it.
Path = Tuple[Union[str, int], ...]

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DEEPEST_METADATA = 100
_ANY_NUMBER = {"type": "number"}


def check(name: str, value: Any, schema: Schema) -> None:
    """Hold one argument against its schema.

    Args:
        name: The argument's name, for the error.
        value: What was passed.
        schema: A JSON Schema without references, from the contract.

    Raises:
        ValidationError: It breaks a rule; the message names the argument, the rule and the value.
    """
    if "enum" not in schema:
        _CHECKS[schema["type"]](name, value, schema)
    elif not (isinstance(value, str) and value in schema["enum"]):
        raise _refused(name, value, f"must be one of {', '.join(map(repr, schema['enum']))}")


def _check_string(name: str, value: Any, schema: Schema) -> None:
    if not isinstance(value, str):
        raise _refused(name, value, "must be a string")
    if not value.isascii():
        _check_text(name, value)
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    if not shortest <= len(value) <= longest:
        plural = "" if (shortest, longest) == (1, math.inf) else "s"
        rule = f"must have {_span(shortest, longest)} character{plural}"
        raise _refused(name, value, rule)
    if schema.get("format") == "uuid" and not _UUID.fullmatch(value):
        raise _refused(name, value, "must be a UUID")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise _refused(name, value, f"must match {schema['pattern']}")
    if "pattern" in schema and value.endswith("\n"):  # which Python's `$` lets pass
        raise _refused(name, value, "must not end in a line break")


def _check_number(name: str, value: Any, schema: Schema) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _refused(name, value, "must be a number")
    if not -math.inf < value < math.inf:
        raise _refused(name, value, "must be a finite number")
    _check_range(name, value, schema)


def _check_integer(name: str, value: Any, schema: Schema) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refused(name, value, "must be a whole number")
    _check_range(name, value, schema)


def _check_range(name: str, value: float, schema: Schema) -> None:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if not least <= value <= most:
        raise _refused(name, value, f"must be {_span(least, most)}")


def _check_array(name: str, value: Any, schema: Schema) -> None:
    if not isinstance(value, (list, tuple)):
        raise _refused(name, value, "must be a list")
    values = cast("Sequence[Any]", value)
    fewest, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    if not fewest <= len(values) <= most:
        wanted = f"exactly {fewest}" if fewest == most else _span(fewest, most)
        raise _refused(name, f"{len(values)} of them", f"must have {wanted} items", as_it_is=True)
    items = schema.get("items", {})
    if not (items == _ANY_NUMBER and _are_numbers(values)):
        for position, item in enumerate(values):
            check(f"{name}[{position}]", item, items)


def _are_numbers(values: Sequence[Any]) -> bool:
    """Return whether these are finite numbers; False also where it takes a closer look."""
    return set(map(type, values)) <= {float, int} and _sum_is_finite(values)


def _sum_is_finite(values: Sequence[Any]) -> bool:
    """Return whether the sum is; then NaN or an infinity is not among the values."""
    try:
        return math.isfinite(sum(values))
    except (TypeError, OverflowError):
        return False


def _check_object(name: str, value: Any, _schema: Schema) -> None:
    if not isinstance(value, (dict, Mapping)):  # as a dict it is known at once
        raise _refused(name, value, "must be a dict")
    _check_members((name,), cast("Any", value))


def _check_json(path: Path, value: Any) -> None:
    """Refuse what JSON can't hold, or would hold as something else."""
    if len(path) > _DEEPEST_METADATA:
        rule = f"must be nested at most {_DEEPEST_METADATA} deep"
        raise _refused(_place(path), "more", rule, as_it_is=True)
    if isinstance(value, str):
        if not value.isascii():
            _check_text(_place(path), value)
    elif isinstance(value, dict):
        _check_members(path, cast("Any", value))
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(cast("Sequence[Any]", value)):
            _check_json((*path, position), item)
    elif value is not None and not isinstance(value, (bool, int, float)):
        raise _refused(_place(path), value, "must be a value that JSON can hold")
    elif isinstance(value, float) and not math.isfinite(value):
        raise _refused(_place(path), value, "must be a number that JSON can hold")


def _check_members(path: Path, value: Mapping[Any, Any]) -> None:
    for key, item in value.items():
        if not isinstance(key, str):
            raise _refused(_place(path), key, "must have strings as keys")
        if not key.isascii():
            _check_text(f"a key of {_place(path)}", key)
        _check_json((*path, key), item)


def _place(path: Path) -> str:
    """Return the name of a value inside an argument: `metadata.key[1]`."""
    name, *steps = path
    for step in steps:
        name = f"{name}.{clipped(step)}" if isinstance(step, str) else f"{name}[{step}]"
    return str(name)


def _check_text(name: str, value: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as cause:
        # Raised without the cause: a UnicodeEncodeError carries the whole text.
        where = f"one at position {cause.start}"
        raise _refused(name, where, "must hold no lone surrogates", as_it_is=True) from None


_CHECKS: Dict[str, Callable[[str, Any, Schema], None]] = {
    "string": _check_string,
    "number": _check_number,
    "integer": _check_integer,
    "array": _check_array,
    "object": _check_object,
}


def _span(least: float, most: float) -> str:
    if most == math.inf:
        return f"at least {least:g}"
    return f"at most {most:g}" if least == -math.inf else f"from {least:g} to {most:g}"


def _refused(name: str, value: Any, rule: str, *, as_it_is: bool = False) -> Exception:
    return invalid_argument(name, value if as_it_is else shown(value), rule)


def check_count(name: str, value: Any, least: int, most: int) -> None:
    """Refuse what is not a whole number in this range.

    Raises:
        ValidationError: It is not.
    """
    check(name, value, {"type": "integer", "minimum": least, "maximum": most})


def check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    """Refuse what is not one of these words.

    Raises:
        ValidationError: It is not.
    """
    check(name, value, {"type": "string", "enum": choices})


def numbers(name: str, values: Any) -> List[float]:
    """Return the finite numbers of a list, a tuple, an array or a numpy array.

    Raises:
        ValidationError: It is not a sequence of finite numbers.
    """
    if isinstance(values, (str, bytes, Mapping)):
        raise _refused(name, values, "must be a list of numbers")
    try:
        plain: List[float] = values.tolist() if hasattr(values, "tolist") else list(values)
        finite = _sum_is_finite(plain) or all(map(math.isfinite, plain))
    except (TypeError, OverflowError):
        raise _refused(name, values, "must be a list of numbers") from None
    if not finite:
        raise _refused(name, "NaN or an infinity", "must be finite numbers", as_it_is=True)
    return plain
