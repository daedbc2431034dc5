"""JSON Schema as the contract uses it: what is understood, and how a schema reads when resolved."""

from __future__ import annotations

from typing import Any

from generation.contract import ContractError, Json, resolve

# What a value must satisfy. The SDK checks arguments by these before it sends them.
RULES = frozenset(
    {
        "type",
        "enum",
        "const",
        "format",
        "pattern",
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
NOTES = frozenset({"title", "description", "default", "example", "examples", "deprecated"})
TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})


def check_keywords(schema: Json, where: str) -> None:
    """Refuse a schema that uses a keyword which the tools would drop silently."""
    for keyword in schema:
        known = keyword in RULES | COMBINATIONS | NOTES | {"$ref"} or keyword.startswith("x-")
        if not known:
            raise ContractError(
                f"{where}: the schema keyword {keyword!r} is not understood; teach it to "
                "tools/generation/schemas.py and to the SDK's checks, or say it otherwise."
            )
    for name in types(schema):
        if name not in TYPES:
            raise ContractError(f"{where}: {name!r} is not a type of JSON Schema.")


def types(schema: Json) -> list[str]:
    """The types that a schema allows, none where it names none."""
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def check_all(contract: Json) -> None:
    """Check the keywords of every schema of the contract's components."""
    for name, schema in contract["components"]["schemas"].items():
        _check_tree(contract, schema, f"schema {name}")


def _check_tree(contract: Json, schema: Json, where: str) -> None:
    check_keywords(schema, where)
    for name, child in schema.get("properties", {}).items():
        _check_tree(contract, child, f"{where}.{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            _check_tree(contract, schema[keyword], f"{where}.{keyword}")
    for keyword in sorted(COMBINATIONS):
        for index, child in enumerate(schema.get(keyword, [])):
            _check_tree(contract, child, f"{where}.{keyword}[{index}]")
        if keyword != "allOf":
            _check_union(contract, schema.get(keyword, []), where)


def _check_union(contract: Json, choices: list[Json], where: str) -> None:
    """Models read whatever object they are given, so they can't tell two kinds apart."""
    objects = [choice for choice in choices if "properties" in resolve(contract, choice)]
    if len(objects) > 1:
        raise ContractError(f"{where}: a choice between two kinds of object is not understood.")


def flatten(contract: Json, schema: Json, where: str) -> Json:
    """A schema with its `$ref` and `allOf` merged into one level."""
    check_keywords(schema, where)
    resolved = resolve(contract, schema)
    check_keywords(resolved, where)
    merged: Json = {}
    for part in resolved.get("allOf", []):
        merged = _merge(merged, flatten(contract, part, where), where)
    own = {key: value for key, value in resolved.items() if key != "allOf"}
    return _merge(merged, own, where)


def _merge(base: Json, extra: Json, where: str) -> Json:
    for key in base.keys() & extra.keys() & RULES:
        if base[key] != extra[key]:
            raise ContractError(f"{where}: the parts of allOf disagree on {key!r}.")
    return {**base, **extra}


def nullable_part(schema: Json) -> Json | None:
    """X of `oneOf: [X, {type: "null"}]`, however ordered; None for any other schema."""
    for keyword in ("oneOf", "anyOf"):
        choices: list[Json] = schema.get(keyword, [])
        others = [choice for choice in choices if choice != {"type": "null"}]
        if len(choices) == 2 and len(others) == 1:
            return others[0]
    return None


def fragment(contract: Json, schema: Json, where: str) -> Json:
    """The rules of one value as plain data: no `$ref`, no `allOf`, no notes."""
    flat = flatten(contract, schema, where)
    inner = nullable_part(flat)
    if inner is not None:
        return _nullable(fragment(contract, inner, where))
    unions = [keyword for keyword in ("anyOf", "oneOf") if keyword in flat]
    if unions:
        raise ContractError(f"{where}: {unions[0]} is not understood in an argument.")
    return {key: _child(contract, key, value, where) for key, value in flat.items() if key in RULES}


def _child(contract: Json, keyword: str, value: Any, where: str) -> Any:
    if keyword == "items" or (keyword == "additionalProperties" and isinstance(value, dict)):
        return fragment(contract, value, f"{where}.{keyword}")
    if keyword == "properties":
        return {name: fragment(contract, part, f"{where}.{name}") for name, part in value.items()}
    return value


def _nullable(rules: Json) -> Json:
    nullable = {**rules, "type": [*types(rules), "null"]}
    if "enum" in rules:
        nullable["enum"] = [*rules["enum"], None]
    return nullable
