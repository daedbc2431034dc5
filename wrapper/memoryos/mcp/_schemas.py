"""JSON Schemas of the tools, derived from the operations that they call. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from memoryos._protocol.operations import Operation

__all__ = ["input_schema", "object_schema", "output_schema"]

_STRING = {"type": "string"}
_OBJECT = {"type": "object"}
_TYPES: dict[str, dict[str, Any]] = {
    "string": _STRING,
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "object": _OBJECT,
    "objects": {"type": "array", "items": _OBJECT},
}


def input_schema(
    operation: Operation[Any],
    names: Sequence[str],
    *,
    required: Collection[str] = (),
    defaults: Mapping[str, Any] | None = None,
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the schema of a tool's arguments: some of an operation, and no others.

    Args:
        operation: The operation.
        names: The arguments that models need. Not all are for them: keys of the application, dates
            of an import.
        required: Arguments that this tool needs, besides the operation's.
        defaults: Defaults that differ from the operation's.
        more: Schemas of arguments that the operation doesn't have.
    """
    properties: dict[str, Any] = {}
    needed: list[str] = []
    for name in names:
        argument = operation.arguments[name]
        rule = {**argument.schema, "description": argument.description}
        default = (defaults or {}).get(name, argument.default)
        if argument.required or name in required:
            needed.append(name)
        elif default is not None:
            rule["default"] = default
        properties[name] = rule
    return object_schema({**properties, **(more or {})}, needed)


def object_schema(
    properties: Mapping[str, Mapping[str, Any]], required: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the schema of an object with these members, and no others."""
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return {**schema, "additionalProperties": False}


def output_schema(optional: Collection[str] = (), **fields: str) -> dict[str, Any]:
    """Return the schema of a structured result.

    Args:
        optional: Names of the fields that may be missing.
        fields: Type of each field; `objects` is a list of objects.
    """
    needed = [name for name in fields if name not in optional]
    return object_schema({name: _TYPES[kind] for name, kind in fields.items()}, needed)
