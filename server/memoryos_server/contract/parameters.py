"""Parameter parsing: strings from the path, query and headers to values of the contract's types."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from .field_errors import FieldError
from .strict_json import InvalidJSONError, decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .routes import Operation, Parameter
    from .schemas import Schema

__all__ = ["parse_parameters"]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,99})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,99})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def parse_parameters(
    operation: Operation, raw_values: Mapping[str, Mapping[str, Sequence[str]]]
) -> tuple[dict[str, Any], list[FieldError]]:
    """Parse and validate the parameters of a request.

    Args:
        operation: The operation; parameters that it doesn't declare are ignored.
        raw_values: By location (`path`, `query`, `header`) and name, the decoded values in order.
            Header names are in lower case.

    Returns:
        The values by name, with defaults filled in and absent optional parameters left out, and the
        errors. If there are errors, the values must not be used.
    """
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for parameter in operation.parameters:
        name = parameter.name.lower() if parameter.location == "header" else parameter.name
        texts = raw_values.get(parameter.location, {}).get(name, ())
        if texts:
            values[parameter.name], invalid = _parse_parameter(parameter, texts)
            errors += invalid
        elif parameter.required:
            errors.append(FieldError(_field_name(parameter), "is required"))
        elif parameter.schema.has_default:
            values[parameter.name] = parameter.schema.default
    return values, errors


def _field_name(parameter: Parameter) -> str:
    return f"{parameter.location}.{parameter.name}"


def _parse_parameter(parameter: Parameter, texts: Sequence[str]) -> tuple[Any, list[FieldError]]:
    schema, field = parameter.schema, _field_name(parameter)
    if schema.items is not None:
        value: Any = [_parse_value(schema.items, text) for text in texts]
    elif len(texts) > 1:
        return None, [FieldError(field, "must occur only once")]
    else:
        value = _parse_value(schema, texts[0])
    errors = schema.errors(value, field)
    if schema.content is not None and not errors:
        return _parse_content(schema.content, value, field)
    return (None if errors else schema.complete(value)), errors


def _parse_content(schema: Schema, text: str, field: str) -> tuple[Any, list[FieldError]]:
    """Return the value of a JSON text, and what is wrong with it."""
    try:
        value = decode(text.encode())
    except InvalidJSONError as error:
        return None, [FieldError(field, str(error))]
    errors = schema.errors(value, field)
    return (None if errors else schema.complete(value)), errors


def _parse_value(schema: Schema, text: str) -> Any:
    """Return `text` converted to the schema's type, or unchanged if that is impossible.

    Validation then rejects the unchanged string because of its type.
    """
    if "integer" in schema.types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in schema.types and _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    if "boolean" in schema.types:
        return _BOOLEANS.get(text, text)
    return text
