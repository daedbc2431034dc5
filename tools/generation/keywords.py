"""The keywords and types of JSON Schema that the contract may use."""

from __future__ import annotations

# What a value must satisfy. The SDK checks arguments by these before it sends them.
RULES = frozenset(
    {
        "type",
        "enum",
        "const",
        "format",
        "pattern",
        "contentMediaType",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "items",
        "minItems",
        "maxItems",
        "properties",
        "required",
        "additionalProperties",
        "minProperties",
        "maxProperties",
    }
)
COMBINATIONS = frozenset({"allOf", "anyOf", "oneOf"})
NOTES = frozenset(
    {"title", "description", "default", "example", "examples", "deprecated", "contentSchema"}
)
TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
