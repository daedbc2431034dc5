"""JSON Schemas of the tools, derived from the operations that they call. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from memoryos._protocol.operations import Operation

__all__ = ["input_schema", "output_schema"]

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
    *,
    without: Collection[str] = (),
    required: Collection[str] = (),
    defaults: Mapping[str, Any] | None = None,
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the schema of a tool's arguments: those of an operation, and no others.

    Args:
        operation: The operation. An argument that joins it later joins the tool.
        without: Arguments that models don't need.
        required: Arguments that this tool needs, besides the operation's.
        defaults: Defaults that differ from the operation's.
        more: Schemas of further optional arguments.
    """
    properties: dict[str, Any] = {}
    needed: list[str] = []
    for name, argument in operation.arguments.items():
        if name in without:
            continue
        rule = {**argument.schema, "description": argument.description}
        default = (defaults or {}).get(name, argument.default)
        if argument.required or name in required:
            needed.append(name)
        elif default is not None:
            rule["default"] = default
        properties[name] = rule
    schema: dict[str, Any] = {"type": "object", "properties": {**properties, **(more or {})}}
    if needed:
        schema["required"] = needed
    return {**schema, "additionalProperties": False}


def output_schema(optional: Collection[str] = (), **fields: str) -> dict[str, Any]:
    """Return the schema of a structured result.

    Args:
        optional: Names of the fields that may be missing.
        fields: Type of each field; `objects` is a list of objects.
    """
    return {
        "type": "object",
        "properties": {name: _TYPES[kind] for name, kind in fields.items()},
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
    }
