"""Validation messages: the validator's errors in plain words, without long values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jsonschema_rs import ValidationErrorKind as Kind

from .field_errors import MAX_QUOTED_CHARACTERS, FieldError, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_rs import ValidationError

__all__ = ["describe"]

_TYPE_NAMES = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_LIMIT_MESSAGES = (
    (Kind.Minimum, "be at least", ""),
    (Kind.Maximum, "be at most", ""),
    (Kind.MinLength, "have at least", "character"),
    (Kind.MaxLength, "have at most", "character"),
    (Kind.MinItems, "have at least", "item"),
    (Kind.MaxItems, "have at most", "item"),
    (Kind.MinProperties, "have at least", "field"),
)
_FORMAT_NAMES = {
    "uuid": "a UUID",
    "date-time": "a date and time in RFC 3339 format, such as 2026-11-02T08:15:00Z",
}


def describe(
    root: str, error: ValidationError, pattern_rules: Mapping[str, str] | None = None
) -> list[FieldError]:
    """Convert an error of the validator.

    Args:
        root: Name of the validated value, such as `body` or `query.limit`.
        error: The validator's error.
        pattern_rules: What patterns ask for, in words. Their texts have at least 1 character.
    """
    field = ".".join([root, *(shorten(str(step)) for step in error.instance_path)])
    match error.kind:
        case Kind.Required(property=name):
            return [FieldError(f"{field}.{name}", "is required")]
        case Kind.AdditionalProperties(unexpected=names):
            return [
                FieldError(f"{field}.{shorten(name)}", "is not a known field") for name in names
            ]
        case Kind.Pattern(pattern=pattern):
            rules = pattern_rules or {}
            if pattern in rules and not error.instance:
                return []  # its length is an error of its own
            return [FieldError(field, rules.get(pattern, f"must match {pattern}"))]
        case kind:
            rule = _rule(kind) or _limit(kind) or f"violates the rule {error.schema_path[-1]!r}"
            return [FieldError(field, rule + _quoted_value(error))]


def _rule(kind: Kind) -> str:
    match kind:
        case Kind.Type(types=types):
            return "must be " + " or ".join(_TYPE_NAMES[name] for name in types)
        case Kind.Enum(options=options):
            return "must be one of " + ", ".join(map(str, options))
        case Kind.Format(format=name):
            return "must be " + _FORMAT_NAMES.get(name, f"in the format {name}")
        case Kind.AnyOf():
            return _alternatives(kind)
        case _:
            return ""


def _limit(kind: Kind) -> str:
    for limit_kind, phrase, noun in _LIMIT_MESSAGES:
        if isinstance(kind, limit_kind):
            limit = kind.limit
            amount = f"{limit} {noun}" if limit == 1 or not noun else f"{limit} {noun}s"
            return f"must {phrase} {amount}".rstrip()
    return ""


def _alternatives(kind: Kind.AnyOf) -> str:
    names = [
        error.kind.property
        for branch in kind.context
        for error in branch
        if isinstance(error.kind, Kind.Required)
    ]
    return (
        f"must have {' or '.join(names)}" if names else "matches none of the allowed alternatives"
    )


def _quoted_value(error: ValidationError) -> str:
    """Return the rejected value for the message, if it is a scalar that can be quoted.

    Strings are quoted only for enums and formats, since others may contain personal data.
    """
    value: Any = error.instance
    if isinstance(value, str) and not isinstance(error.kind, (Kind.Enum, Kind.Format)):
        return ""
    if isinstance(value, (dict, list)):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return f", not {text}" if len(text) <= MAX_QUOTED_CHARACTERS else ""
