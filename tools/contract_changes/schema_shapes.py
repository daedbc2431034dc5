"""What a schema allows, with references, allOf and null resolved."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from generation.contract import Json, resolve
from generation.keywords import COMBINATIONS, NOTES
from generation.schemas import (
    ASSUMED_LIMITS,
    assumed_limits,
    joined_assumed_limits,
)

NOTHING: Any = object()
"""The default of a schema that names none."""

ALL_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})
UPPER_LIMITS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER_LIMITS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_STRUCTURE = frozenset({"type", "enum", "const", "properties", "required", "items", "default"})
_STRUCTURE |= {"additionalProperties", "$ref", *COMBINATIONS, *NOTES, *UPPER_LIMITS, *LOWER_LIMITS}


@dataclass(frozen=True)
class Shape:
    """What a schema allows. Nested schemas are kept as written."""

    name: str | None
    """The component that is referred to, where nothing but a default or a note is added to it."""
    types: frozenset[str]
    """Without `null`; `number` includes `integer`."""
    nullable: bool
    values: tuple[Any, ...] | None
    """The only values that are allowed, without null; None where there is no such list."""
    properties: Json
    required: frozenset[str]
    items: Json
    additional: Json | bool
    """What further properties are allowed."""
    alternatives: tuple[Json, ...]
    """The alternatives of a union; none where it is no union."""
    needed: frozenset[frozenset[str]]
    """The sets of properties of which one must be there."""
    limits: dict[str, float]
    rules: Json
    """Format, pattern, and whatever else is asked."""
    assumed: Json
    """The limits that only the local Memory OS is known to enforce; not among the others."""
    default: Any
    notes: Json


def shape_of(contract: Json, schema: Json) -> Shape:
    """Return what a schema allows."""
    flat = flatten(contract, schema)
    inner = _nullable_part(flat)
    if inner is not None:
        return _with_null(shape_of(contract, inner), flat)
    union = _union(flat)
    assumed = assumed_limits(flat)
    return Shape(
        name=component_name(schema),
        types=_types(flat, union),
        nullable=_allows_null(flat),
        values=_values(flat),
        properties=flat.get("properties", {}),
        required=frozenset(flat.get("required", [])),
        items=flat.get("items", {}),
        additional=flat.get("additionalProperties", True),
        alternatives=() if _is_plain(union) else tuple(union),
        needed=frozenset(frozenset(choice["required"]) for choice in _needed(flat)),
        limits={
            key: flat[key]
            for key in (*LOWER_LIMITS, *UPPER_LIMITS)
            if key in flat and key not in assumed
        },
        rules={key: flat[key] for key in sorted(flat) if _is_rule(key) and key not in assumed},
        assumed=assumed,
        default=flat.get("default", NOTHING),
        notes={key: flat[key] for key in sorted(flat) if _is_note(key)},
    )


def flatten(contract: Json, schema: Json) -> Json:
    """Return a schema with its references and its allOf merged into one level."""
    resolved = resolve(contract, schema)
    joined: Json = {}
    for part in resolved.get("allOf", []):
        joined = _join(joined, flatten(contract, part))
    return _join(joined, {key: value for key, value in resolved.items() if key != "allOf"})


def _join(base: Json, extra: Json) -> Json:
    joined = {**base, **extra}
    if "properties" in base and "properties" in extra:
        joined["properties"] = {**base["properties"], **extra["properties"]}
    if "required" in base and "required" in extra:
        joined["required"] = list(dict.fromkeys([*base["required"], *extra["required"]]))
    return {**joined, **joined_assumed_limits(base, extra)}


def component_name(schema: Json) -> str | None:
    """Return the component that a schema refers to, ignoring its own default and annotations."""
    parts = schema.get("allOf", [])
    own = schema.keys() - NOTES - {"$ref", "allOf"}
    if any(not key.startswith("x-") for key in own):
        return None
    if len(parts) == 1 and "$ref" not in schema:
        return component_name(parts[0])
    reference = schema.get("$ref")
    return str(reference).rpartition("/")[2] if reference and not parts else None


def canonical(contract: Json, schema: Json, _inside: tuple[str, ...] = ()) -> Any:
    """Return a schema's rules in a canonical form."""
    shape = shape_of(contract, schema)
    if shape.name is not None and shape.name in _inside:
        return {"recursion": shape.name, "nullable": shape.nullable}
    inside = (*_inside, shape.name) if shape.name else _inside

    def nested(part: Json | bool) -> Any:
        return part if isinstance(part, bool) else canonical(contract, part, inside)

    return {
        "types": sorted(shape.types),
        "nullable": shape.nullable,
        "values": None if shape.values is None else sorted(map(_text, shape.values)),
        "properties": {key: nested(part) for key, part in sorted(shape.properties.items())},
        "required": sorted(shape.required),
        "items": nested(shape.items) if shape.items else {},
        "additional": nested(shape.additional),
        "alternatives": sorted(_text(nested(part)) for part in shape.alternatives),
        "needed": sorted(sorted(choice) for choice in shape.needed),
        "limits": dict(sorted(shape.limits.items())),
        "rules": shape.rules,
        "assumed": shape.assumed,
        "default": [] if shape.default is NOTHING else [shape.default],
    }


def _with_null(shape: Shape, flat: Json) -> Shape:
    own = {key: flat[key] for key in sorted(flat) if _is_note(key)}
    default = flat.get("default", shape.default)
    return replace(shape, nullable=True, default=default, notes={**shape.notes, **own})


def _nullable_part(flat: Json) -> Json | None:
    for keyword in ("oneOf", "anyOf"):
        choices: list[Json] = flat.get(keyword, [])
        others = [choice for choice in choices if choice != {"type": "null"}]
        if len(others) == 1 and len(choices) == 2:
            return others[0]
    return None


def _union(flat: Json) -> list[Json]:
    choices: list[Json] = [*flat.get("oneOf", []), *flat.get("anyOf", [])]
    return [choice for choice in choices if list(choice) != ["required"]]


def _needed(flat: Json) -> list[Json]:
    return [choice for choice in flat.get("anyOf", []) if list(choice) == ["required"]]


def _is_plain(union: list[Json]) -> bool:
    """Return whether the alternatives are bare types, so that they form a list of types."""
    return all(choice.keys() - NOTES <= {"type"} for choice in union)


def alternative_texts(contract: Json, shape: Shape) -> set[str]:
    """Return the alternatives of a union, each in its canonical form."""
    return {_text(canonical(contract, part)) for part in shape.alternatives}


def _types(flat: Json, union: list[Json]) -> frozenset[str]:
    if "type" in flat:
        named = set(_named_types(flat))
    elif union and _is_plain(union):
        named = {name for choice in union for name in _named_types(choice)}
    elif "enum" in flat or "const" in flat:
        named = {_type_of(value) for value in flat.get("enum", [flat.get("const")])}
    elif "properties" in flat:
        named = {"object"}
    else:
        named = set(ALL_TYPES)
    return frozenset(named - {"null"} | ({"integer"} if "number" in named else set()))


def _named_types(schema: Json) -> list[str]:
    named = schema.get("type", sorted(ALL_TYPES))
    return [named] if isinstance(named, str) else list(named)


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return "null" if value is None else names.get(type(value), "object")


def _allows_null(flat: Json) -> bool:
    if "enum" in flat or "const" in flat:
        return None in flat.get("enum", [flat.get("const")])
    if "type" in flat:
        return "null" in _named_types(flat)
    union = _union(flat)
    if union:
        return any("null" in _named_types(choice) for choice in union)
    return "properties" not in flat


def _values(flat: Json) -> tuple[Any, ...] | None:
    if "enum" not in flat and "const" not in flat:
        return None
    listed = flat.get("enum", [flat.get("const")])
    return tuple(value for value in listed if value is not None)


def _is_note(keyword: str) -> bool:
    if keyword == ASSUMED_LIMITS:
        return False
    return keyword.startswith("x-") or (keyword in NOTES and keyword != "default")


def _is_rule(keyword: str) -> bool:
    return keyword not in _STRUCTURE and not keyword.startswith("x-")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
