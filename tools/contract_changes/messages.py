"""Values, types and limits in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contract_changes.schema_shapes import ALL_TYPES, NOTHING, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_changes.schema_shapes import Shape
    from generation.contract import Json

_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} fields",
    "maxProperties": "at most {} fields",
}
_PAIRS = {
    ("minimum", "maximum"): "from {} to {}",
    ("minLength", "maxLength"): "{} to {} characters",
    ("minItems", "maxItems"): "{} to {} items",
    ("minProperties", "maxProperties"): "{} to {} fields",
}


def value_text(value: Any) -> str:
    """Return a value as it stands in JSON, in backticks."""
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def values_text(values: Iterable[Any]) -> str:
    """Return a list of values, in backticks."""
    return ", ".join(map(value_text, values))


def limit_text(keyword: str, limit: float | None) -> str:
    """Return one limit: `at most 100`."""
    if limit is None:
        return "no limit"
    text = _LIMITS[keyword].format(f"{limit:g}" if isinstance(limit, float) else limit)
    return _singular(text) if limit == 1 else text


def limits_text(limits: dict[str, float]) -> str:
    """Return all limits of a value: `from 1 to 100`."""
    texts = []
    rest = dict(limits)
    for (low, high), text in _PAIRS.items():
        if low in rest and high in rest:
            least, most = rest.pop(low), rest.pop(high)
            exactly = text.removeprefix("{} to ").replace("from {} to {}", "{}")
            texts.append(exactly.format(most) if least == most else text.format(least, most))
    texts += [limit_text(keyword, limit) for keyword, limit in rest.items()]
    return ", ".join(texts)


def _singular(text: str) -> str:
    return text.removesuffix("s") if text.endswith("1 characters") else _one(text)


def _one(text: str) -> str:
    return text.removesuffix("s") if text.endswith(("items", "fields")) else text


def types_text(types: frozenset[str], *, nullable: bool = False) -> str:
    """Return types in words: `string or null`."""
    if types == ALL_TYPES:
        return "anything"
    named = sorted(types - {"integer"} if "number" in types else types)
    return " or ".join([*named, "null"] if nullable else named)


def type_text(contract: Json, schema: Json) -> str:
    """Return the type of a schema: `Tier`, `list of string`, `string (uuid) or null`."""
    shape = shape_of(contract, schema)
    if shape.types == {"array"}:
        inner = type_text(contract, shape.items) if shape.items else "anything"
        return f"list of {inner}" + (" or null" if shape.nullable else "")
    if shape.name:
        return shape.name + (" or null" if shape.nullable else "")
    form = shape.rules.get("format")
    text = types_text(shape.types)
    nullable = shape.nullable and text != "anything"
    return text + (f" ({form})" if form else "") + (" or null" if nullable else "")


def schema_text(contract: Json, schema: Json) -> str:
    """Return what a schema asks, in a phrase: `integer, from 1 to 100, default 50`."""
    shape = shape_of(contract, schema)
    values = f"one of {values_text(shape.values)}" if shape.values and not shape.name else ""
    parts = [type_text(contract, schema), values, limits_text(shape.limits), default_text(shape)]
    return ", ".join(part for part in parts if part)


def default_text(shape: Shape) -> str:
    """Return `default 50`, or nothing."""
    return "" if shape.default is NOTHING else f"default {value_text(shape.default)}"
