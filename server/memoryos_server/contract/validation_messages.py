"""What a request breaks, said in sentences: the field and the rule, never a long value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema_rs import ValidationErrorKind as Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_rs import ValidationError

__all__ = ["FieldError", "describe", "shorten", "summarize"]

_SHOWN_ERRORS = 3
_SHOWN_CHARACTERS = 40
_TYPE_NAMES = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_BOUNDS = (
    (Kind.Minimum, "be at least", ""),
    (Kind.Maximum, "be at most", ""),
    (Kind.MinLength, "have at least", "character"),
    (Kind.MaxLength, "have at most", "character"),
    (Kind.MinItems, "have at least", "item"),
    (Kind.MaxItems, "have at most", "item"),
    (Kind.MinProperties, "have at least", "field"),
)
_FORMAT_NAMES = {"uuid": "a UUID", "date-time": "a date and time as in RFC 3339"}


class FieldError(NamedTuple):
    """One broken rule: the field, such as `body.content`, and what it must be."""

    field: str
    message: str


def describe(root: str, error: ValidationError) -> list[FieldError]:
    """Return the broken rules that one error of the validator stands for.

    Args:
        root: what the validated value is called, such as `body` or `query.limit`.
        error: the validator's error.
    """
    field = ".".join([root, *(shorten(str(step)) for step in error.instance_path)])
    match error.kind:
        case Kind.Required(property=name):
            return [FieldError(f"{field}.{name}", "is required")]
        case Kind.AdditionalProperties(unexpected=names):
            return [
                FieldError(f"{field}.{shorten(name)}", "is not a known field") for name in names
            ]
        case kind:
            rule = _rule(kind) or _bound(kind) or f"breaks the rule {error.schema_path[-1]!r}"
            return [FieldError(field, rule + _given(error))]


def summarize(errors: Sequence[FieldError]) -> str:
    """Return one line that names the first of `errors`."""
    shown = [f"{error.field}: {error.message}" for error in errors[:_SHOWN_ERRORS]]
    return "; ".join([*shown, "and more"] if len(errors) > _SHOWN_ERRORS else shown)


def shorten(text: str) -> str:
    """Return `text`, cut where it is longer than a name ought to be."""
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _rule(kind: Kind) -> str:
    match kind:
        case Kind.Type(types=types):
            return "must be " + " or ".join(_TYPE_NAMES[name] for name in types)
        case Kind.Enum(options=options):
            return "must be one of " + ", ".join(map(str, options))
        case Kind.Format(format=name):
            return "must be " + _FORMAT_NAMES.get(name, f"of the format {name}")
        case Kind.Pattern(pattern=pattern):
            return f"must match {pattern}"
        case Kind.AnyOf():
            return _alternatives(kind)
        case _:
            return ""


def _bound(kind: Kind) -> str:
    for bounding, phrase, noun in _BOUNDS:
        if isinstance(kind, bounding):
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
        f"must have {' or '.join(names)}" if names else "fits none of the contract's alternatives"
    )


def _given(error: ValidationError) -> str:
    """Return the given value where it is a number, true, false or null, or a word of an enum."""
    value: Any = error.instance
    if isinstance(value, str) and not isinstance(error.kind, (Kind.Enum, Kind.Format)):
        return ""
    if isinstance(value, (dict, list)):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return f", not {text}" if len(text) <= _SHOWN_CHARACTERS else ""
