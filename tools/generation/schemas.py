"""JSON Schema as the contract uses it: what is understood, and how a schema reads when resolved."""

from __future__ import annotations

from typing import Any

from generation.contract import ContractError, Json, resolve
from generation.keywords import COMBINATIONS, NOTES, RULES, TYPES

ASSUMED_LIMITS = "x-assumed-limits"
"""Lists the keywords of a schema that only the local Memory OS is known to enforce."""

MAY_BE_ASSUMED = frozenset(
    {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "pattern"}
)

PATTERN_RULE = "x-pattern-rule"
"""Says what a `pattern` asks for, in words that complete `<name> …`."""


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
    _check_assumed_limits(schema, where)


def _check_assumed_limits(schema: Json, where: str) -> None:
    listed = schema.get(ASSUMED_LIMITS, [])
    if not isinstance(listed, list) or not MAY_BE_ASSUMED.issuperset(listed):
        allowed = ", ".join(sorted(MAY_BE_ASSUMED))
        raise ContractError(f"{where}: {ASSUMED_LIMITS} is a list of keywords among {allowed}.")
    for keyword in listed:
        if keyword not in schema:
            raise ContractError(f"{where}: {ASSUMED_LIMITS} lists {keyword}, which is not set.")


def types(schema: Json) -> list[str]:
    """The types that a schema allows, none where it names none."""
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def assumed_limits(schema: Json) -> Json:
    """Return the limits of a schema that only the local Memory OS is known to enforce."""
    return {key: schema[key] for key in schema.get(ASSUMED_LIMITS, []) if key in schema}


def is_open_map(schema: Json) -> bool:
    """Return whether the keys of an object are the caller's own, whichever keys are described.

    Neither a TypedDict nor a model class allows for other keys as well as a mapping does.
    """
    return schema.get("additionalProperties") is True


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
    return {**base, **extra, **joined_assumed_limits(base, extra)}


def joined_assumed_limits(*parts: Json) -> Json:
    """Return the keyword that lists the assumed limits of all parts; empty if none has it."""
    listed = [keyword for part in parts for keyword in part.get(ASSUMED_LIMITS, [])]
    return {ASSUMED_LIMITS: list(dict.fromkeys(listed))} if listed else {}


def nullable_part(schema: Json) -> Json | None:
    """X of `oneOf: [X, {type: "null"}]`, however ordered; None for any other schema."""
    for keyword in ("oneOf", "anyOf"):
        choices: list[Json] = schema.get(keyword, [])
        others = [choice for choice in choices if choice != {"type": "null"}]
        if len(choices) == 2 and len(others) == 1:
            return others[0]
    return None


def fragment(contract: Json, schema: Json, where: str) -> Json:
    """Return the rules of one value that the SDK checks before sending, as plain data.

    There is no `$ref`, no `allOf`, no note, and no limit that only the local Memory OS enforces.
    """
    flat = flatten(contract, schema, where)
    inner = nullable_part(flat)
    if inner is not None:
        return _nullable(fragment(contract, inner, where))
    unions = [keyword for keyword in ("anyOf", "oneOf") if keyword in flat]
    if unions:
        raise ContractError(f"{where}: {unions[0]} is not understood in an argument.")
    if is_open_map(flat):
        # Described keys don't limit what the caller may store under them.
        flat = {key: value for key, value in flat.items() if key != "properties"}
    return {
        key: _child(contract, key, value, where)
        for key, value in flat.items()
        if key in RULES | {PATTERN_RULE} and key not in assumed_limits(flat)
    }


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
