"""From the strings of a request's path, query and header to the values that the contract types."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from .validation_messages import FieldError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .routes import Operation, Parameter
    from .schemas import Schema

__all__ = ["read_parameters"]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,99})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,99})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def read_parameters(
    operation: Operation, given: Mapping[str, Mapping[str, Sequence[str]]]
) -> tuple[dict[str, Any], list[FieldError]]:
    """Return the operation's parameters by their wire names, and the rules they break.

    Args:
        operation: says which parameters there are; others are left unread.
        given: by location (`path`, `query`, `header`), by name, the decoded values in their order.
            Names of headers are in lower case.

    Returns:
        Typed and completed values (a parameter without value and default is left out), and the
        errors; the values mean nothing where there are errors.
    """
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for parameter in operation.parameters:
        name = parameter.name.lower() if parameter.location == "header" else parameter.name
        texts = given.get(parameter.location, {}).get(name, ())
        if texts:
            values[parameter.name], broken = _read(parameter, texts)
            errors += broken
        elif parameter.required:
            errors.append(FieldError(_field(parameter), "is required"))
        elif parameter.schema.has_default:
            values[parameter.name] = parameter.schema.default
    return values, errors


def _field(parameter: Parameter) -> str:
    return f"{parameter.location}.{parameter.name}"


def _read(parameter: Parameter, texts: Sequence[str]) -> tuple[Any, list[FieldError]]:
    schema, field = parameter.schema, _field(parameter)
    if schema.items is not None:
        value: Any = [_parse(schema.items, text) for text in texts]
    elif len(texts) > 1:
        return None, [FieldError(field, "must be given once only")]
    else:
        value = _parse(schema, texts[0])
    errors = schema.errors(value, field)
    return (None if errors else schema.complete(value)), errors


def _parse(schema: Schema, text: str) -> Any:
    """Return what `text` says in the schema's type, or itself where it says nothing in that type.

    The schema then refuses the string for its type.
    """
    if "integer" in schema.types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in schema.types and _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text  # no double holds it
    if "boolean" in schema.types:
        return _BOOLEANS.get(text, text)
    return text
