"""Check arguments against the contract's schemas, before anything is sent."""

from __future__ import annotations

import math
import re
from collections import abc
from datetime import datetime
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union, cast

from memoryos._protocol import json_codec, times
from memoryos._protocol.argument_errors import clipped, invalid_argument, shown
from memoryos._protocol.json_codec import is_decimal
from memoryos.exceptions import ValidationError

Schema = Mapping[str, Any]
# The argument, then the keys and indexes that lead to a value in it.
Path = Tuple[Union[str, int], ...]

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MAX_METADATA_DEPTH = 100
_ALWAYS_WRITTEN_BITS = 2000  # 603 digits; the limit of Python is 640 or more
_ANY_NUMBER = {"type": "number"}
_LOWER_CASE_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ANY_QUICK_NUMBER = 2**53


def checked(name: str, value: Any, schema: Schema) -> Any:
    """Return a valid argument in the form that the JSON encoder accepts.

    Mappings become dicts, or text where the contract has JSON as text; arrays of numbers become
    lists, datetimes timestamps, and UUIDs lower case.

    Args:
        name: The argument's name, for the error.
        value: The argument.
        schema: A JSON Schema without references, from the contract.

    Raises:
        ValidationError: The argument is invalid; the message has its name, the rule and the value.
    """
    convert = _CONVERSIONS.get(schema.get("contentMediaType") or schema.get("format", ""))
    if convert is not None:
        value = convert(name, value)
    elif schema.get("items") == _ANY_NUMBER:
        value = numbers(name, value)
    check(name, value, schema)
    if schema.get("format") == "uuid":
        return cast("str", value).lower()
    if isinstance(value, abc.Mapping) and not isinstance(value, dict):
        return dict(cast("Any", value))
    return cast("Any", value)


def quick_check(schema: Schema) -> Callable[[Any], bool]:
    """Return a test that accepts most valid values, and no others.

    `checked` returns an accepted value as it is, and every JSON library encodes it as the same
    bytes. What the test doesn't accept may be valid, too.
    """
    if "enum" in schema:
        choices = frozenset([choice for choice in schema["enum"] if isinstance(choice, str)])
        return lambda value: type(value) is str and value in choices
    make = _QUICK_CHECKS.get(_only_type(schema))
    return _accept_nothing if make is None else make(schema)


def _only_type(schema: Schema) -> str:
    types = schema.get("type", ())
    types = [types] if isinstance(types, str) else [one for one in types if one != "null"]
    return types[0] if len(types) == 1 else ""


def _accept_nothing(_value: Any) -> bool:
    return False


def _quick_string(schema: Schema) -> Callable[[Any], bool]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    if schema.get("format") == "uuid":
        return lambda value: type(value) is str and bool(_LOWER_CASE_UUID.fullmatch(value))
    if "contentMediaType" in schema or schema.get("format") in _CONVERSIONS:
        return _accept_nothing
    if "pattern" not in schema:
        return lambda value: type(value) is str and value.isascii() and least <= len(value) <= most
    matches = re.compile(schema["pattern"]).search
    # Python's `$` matches before a line break at the end, too.
    wrong_ends = ("\n",) if schema["pattern"].endswith("$") else ()
    return lambda value: (
        type(value) is str
        and value.isascii()
        and least <= len(value) <= most
        and matches(value) is not None
        and not value.endswith(wrong_ends)
    )


def _quick_number(schema: Schema) -> Callable[[Any], bool]:
    least, most = (
        schema.get("minimum", -_ANY_QUICK_NUMBER),
        schema.get("maximum", _ANY_QUICK_NUMBER),
    )
    if _only_type(schema) == "integer":
        return lambda value: type(value) is int and least <= value <= most
    return lambda value: (
        (type(value) is int or (type(value) is float and is_decimal(value)))
        and least <= value <= most
    )


def _quick_boolean(_schema: Schema) -> Callable[[Any], bool]:
    return lambda value: type(value) is bool


def _quick_object(_schema: Schema) -> Callable[[Any], bool]:
    return _is_quick_object


def _is_quick_object(value: Any) -> bool:
    """Return whether a value is a dict of ASCII strings, and lists of them."""
    members: Any = value  # `cast` would be a call
    if type(value) is not dict:
        return False
    for key, member in members.items():
        if type(key) is not str or not key.isascii():
            return False
        if type(member) is list:
            if not _are_quick_strings(member):
                return False
        elif type(member) is not str or not member.isascii():
            return False
    return True


def _are_quick_strings(items: Any) -> bool:
    return _QUICK_STRINGS.issuperset(map(type, items)) and "".join(items).isascii()


_QUICK_STRINGS = frozenset({str})
_QUICK_CHECKS: Dict[str, Callable[[Schema], Callable[[Any], bool]]] = {
    "string": _quick_string,
    "number": _quick_number,
    "integer": _quick_number,
    "boolean": _quick_boolean,
    "object": _quick_object,
}


def check(name: str, value: Any, schema: Schema) -> None:
    """Check one argument against its schema.

    Args:
        name: The argument's name, for the error.
        value: The argument.
        schema: A JSON Schema without references, from the contract.

    Raises:
        ValidationError: The argument is invalid; the message has its name, the rule and the value.
    """
    if "enum" in schema:
        _check_choice(name, value, [choice for choice in schema["enum"] if choice is not None])
    elif isinstance(schema.get("type"), str):
        _CHECKS[schema["type"]](name, value, schema)
    elif "type" in schema:
        _check_types(name, value, schema)


def _check_choice(name: str, value: Any, choices: Sequence[Any]) -> None:
    if isinstance(value, str):
        is_known = value in choices
    else:  # True equals 1 in Python, but not in JSON
        is_known = any(value == choice and type(value) is type(choice) for choice in choices)
    if not is_known:
        raise _violation(name, value, f"must be one of {', '.join(map(repr, choices))}")


def _check_types(name: str, value: Any, schema: Schema) -> None:
    """Check an argument that may have one of several types; null means an omitted argument."""
    failure: Optional[ValidationError] = None
    for json_type in schema["type"]:
        if json_type == "null":
            continue
        try:
            return _CHECKS[json_type](name, value, schema)
        except ValidationError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return None


def _check_string(name: str, value: Any, schema: Schema) -> None:
    if not isinstance(value, str):
        raise _violation(name, value, "must be a string")
    if not value.isascii():
        _check_text(name, value)
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    if not shortest <= len(value) <= longest:
        plural = "" if (shortest, longest) == (1, math.inf) else "s"
        rule = f"must have {_span(shortest, longest)} character{plural}"
        raise _violation(name, value, rule)
    if schema.get("format") == "uuid" and not _UUID.fullmatch(value):
        raise _violation(name, value, "must be a UUID")
    if "pattern" in schema:
        _check_pattern(name, value, schema["pattern"], schema)


def _timestamp(name: str, value: Any) -> Any:
    """Return a time as text. Text that is a time stays as it is."""
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            rule = "must have a time zone, such as datetime.now(timezone.utc)"
            raise _violation(name, value, rule)
        if times.instant(value) is None:
            raise _violation(name, value, "must be within the years 1 to 9999 in UTC")
        return times.to_text(value)
    if not isinstance(value, str) or times.parse(value) is None:
        rule = "must be a datetime or a time of RFC 3339, such as '2026-11-02T08:15:00Z'"
        raise _violation(name, value, rule)
    return value


def _json_text(name: str, value: Any) -> str:
    """Return an object as compact JSON."""
    _check_object(name, value, {})
    try:
        return json_codec.encode(dict(value)).decode()
    except ValueError:
        raise too_many_digits(name) from None


def too_many_digits(name: str) -> ValidationError:
    """Return the error for an integer in JSON with more digits than Python writes."""
    return invalid_argument(name, "larger ones", "must not contain integers with too many digits")


def _check_pattern(name: str, value: str, pattern: str, schema: Schema) -> None:
    if not re.search(pattern, value):
        rule: str = schema.get("x-pattern-rule", f"must match {pattern}")
        raise _violation(name, value, rule)
    if pattern.endswith("$") and value.endswith("\n"):  # Python's `$` matches before it
        raise _violation(name, value, "must not end in a line break")


def _check_number(name: str, value: Any, schema: Schema) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _violation(name, value, "must be a number")
    if not -math.inf < value < math.inf:
        raise _violation(name, value, "must be a finite number")
    _check_range(name, value, schema)
    _check_digits(name, value)


def _check_integer(name: str, value: Any, schema: Schema) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _violation(name, value, "must be a whole number")
    _check_range(name, value, schema)
    _check_digits(name, value)


def _check_digits(name: str, value: float) -> None:
    """Reject an integer with more digits than Python writes."""
    if isinstance(value, int) and value.bit_length() > _ALWAYS_WRITTEN_BITS:
        try:
            int.__repr__(value)
        except ValueError:
            rule = "must be a number that can be written"
            raise _violation(name, "a larger one", rule, as_it_is=True) from None


def _check_boolean(name: str, value: Any, _schema: Schema) -> None:
    if not isinstance(value, bool):
        raise _violation(name, value, "must be True or False")


def _check_range(name: str, value: float, schema: Schema) -> None:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if not least <= value <= most:
        raise _violation(name, value, f"must be {_span(least, most)}")


def _check_array(name: str, value: Any, schema: Schema) -> None:
    if not isinstance(value, (list, tuple)):
        raise _violation(name, value, "must be a list")
    values = cast("Sequence[Any]", value)
    fewest, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    if not fewest <= len(values) <= most:
        wanted = f"exactly {fewest}" if fewest == most else _span(fewest, most)
        raise _violation(name, f"{len(values)} of them", f"must have {wanted} items", as_it_is=True)
    items = schema.get("items", {})
    if not (items == _ANY_NUMBER and _are_numbers(values)):
        for position, item in enumerate(values):
            check(f"{name}[{position}]", item, items)


def _are_numbers(values: Sequence[Any]) -> bool:
    """Return whether these are finite numbers; False if each must be checked."""
    return set(map(type, values)) <= {float, int} and _sum_is_finite(values)


def _sum_is_finite(values: Sequence[Any]) -> bool:
    """Return whether the sum is finite; then no value is NaN or an infinity."""
    try:
        return math.isfinite(sum(values))
    except (TypeError, OverflowError):
        return False


def _check_object(name: str, value: Any, _schema: Schema) -> None:
    if not isinstance(value, (dict, abc.Mapping)):  # dict first: it is faster
        raise _violation(name, value, "must be a dict")
    _check_members((name,), cast("Any", value))


def _check_json(path: Path, value: Any) -> None:
    """Reject values that aren't JSON-serializable or that JSON would change."""
    if len(path) > MAX_METADATA_DEPTH:
        rule = f"must be nested at most {MAX_METADATA_DEPTH} deep"
        raise _violation(_name_of(path), "more", rule, as_it_is=True)
    if isinstance(value, str):
        if not value.isascii():
            _check_text(_name_of(path), value)
    elif isinstance(value, dict):
        _check_members(path, cast("Any", value))
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(cast("Sequence[Any]", value)):
            _check_json((*path, position), item)
    elif value is not None and not isinstance(value, (bool, int, float)):
        raise _violation(_name_of(path), value, "must be JSON-serializable")
    elif isinstance(value, float) and not math.isfinite(value):
        raise _violation(_name_of(path), value, "must be a finite number")


def _check_members(path: Path, value: Mapping[Any, Any]) -> None:
    for key, item in value.items():
        if not isinstance(key, str):
            raise _violation(_name_of(path), key, "must have strings as keys")
        if not key.isascii():
            _check_text(f"a key of {_name_of(path)}", key)
        _check_json((*path, key), item)


def _name_of(path: Path) -> str:
    """Return the name of a value inside an argument: `metadata.key[1]`."""
    name, *parts = path
    for part in parts:
        name = f"{name}.{clipped(part)}" if isinstance(part, str) else f"{name}[{part}]"
    return str(name)


def _check_text(name: str, value: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as cause:
        # Raised without the cause: a UnicodeEncodeError carries the whole text.
        where = f"one at position {cause.start}"
        raise _violation(
            name, where, "must not contain unpaired surrogates", as_it_is=True
        ) from None


_CONVERSIONS: Dict[str, Callable[[str, Any], Any]] = {
    "date-time": _timestamp,
    "application/json": _json_text,
}
"""By `contentMediaType` or `format`: from an argument to the text that is sent."""

_CHECKS: Dict[str, Callable[[str, Any, Schema], None]] = {
    "string": _check_string,
    "number": _check_number,
    "integer": _check_integer,
    "boolean": _check_boolean,
    "array": _check_array,
    "object": _check_object,
}


def _span(least: float, most: float) -> str:
    # The most digits that a float has without noise: `g` alone shows 2147483647 as 2.14748e+09.
    lower, upper = f"{least:.15g}", f"{most:.15g}"
    if most == math.inf:
        return f"at least {lower}"
    return f"at most {upper}" if least == -math.inf else f"from {lower} to {upper}"


def _violation(name: str, value: Any, rule: str, *, as_it_is: bool = False) -> Exception:
    return invalid_argument(name, value if as_it_is else shown(value), rule)


def check_count(name: str, value: Any, least: int, most: int) -> None:
    """Check that a value is a whole number in this range.

    Raises:
        ValidationError: It is not.
    """
    check(name, value, {"type": "integer", "minimum": least, "maximum": most})


def check_callback(name: str, value: Any) -> None:
    """Check that a value is a function to call, or None.

    Raises:
        ValidationError: It is not.
    """
    if value is not None and not callable(value):
        raise invalid_argument(name, shown(value), "must be a function")


def check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    """Check that a value is one of these strings.

    Raises:
        ValidationError: It is not.
    """
    check(name, value, {"type": "string", "enum": choices})


def check_flag(name: str, value: Any) -> None:
    """Check that a value is True or False, and nothing that merely counts as one of them.

    Raises:
        ValidationError: It is not.
    """
    check(name, value, {"type": "boolean"})


def numbers(name: str, values: Any) -> List[float]:
    """Return the finite numbers of a list, a tuple, an array or a numpy array.

    Raises:
        ValidationError: It is not a sequence of finite numbers.
    """
    if isinstance(values, (str, bytes, abc.Mapping)):
        raise _violation(name, values, "must be a list of numbers")
    try:
        plain: List[float] = values.tolist() if hasattr(values, "tolist") else list(values)
        finite = _sum_is_finite(plain) or all(map(math.isfinite, plain))
    except (TypeError, OverflowError):
        raise _violation(name, values, "must be a list of numbers") from None
    if not finite:
        raise _violation(name, "NaN or an infinity", "must be finite numbers", as_it_is=True)
    return plain
