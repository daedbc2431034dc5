"""Check the arguments of a tool before anything is sent. Pure.

A model learns the rules from the tool's schema, but hosts don't enforce them. Some also send null
for an argument that the model left out, or the JSON of a number or a list as a string: both are
accepted, because the model can't correct what its host does. Everything else is an error, which
names the argument, the nearest one and the rule.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from memoryos._protocol import validation
from memoryos._protocol.argument_errors import shown
from memoryos.exceptions import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["prepare"]

_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
# What models write for arguments whose names are too different to be found by their letters.
_SYNONYMS = {
    "text": "content",
    "memory": "content",
    "q": "query",
    "search": "query",
    "question": "query",
    "topic": "query",
    "id": "memory_id",
    "uuid": "memory_id",
    "top_k": "limit",
    "k": "limit",
    "n": "limit",
    "count": "limit",
    "max_results": "limit",
    "size": "limit",
    "budget": "max_tokens",
    "min_score": "threshold",
    "min_similarity": "threshold",
    "page": "offset",
    "skip": "offset",
    "labels": "tags",
    "keywords": "tags",
}


def prepare(tool: str, schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments to call a tool with, including defaults.

    Args:
        tool: Name of the tool, for the error.
        schema: Input schema of the tool.
        given: Arguments as the host sent them.

    Raises:
        ValidationError: An argument is unknown, missing or invalid.
    """
    rules: Mapping[str, Mapping[str, Any]] = schema["properties"]
    # Null is an omitted argument.
    values = {name: value for name, value in given.items() if value is not None}
    _check_names(tool, rules, list(given))
    for name in schema.get("required", ()):
        if name not in values:
            raise _error(
                name,
                f"{tool} needs the argument {name!r}, which is missing: {_takes(rules)}",
            )
    arguments = {name: rule["default"] for name, rule in rules.items() if "default" in rule}
    for name, value in values.items():
        arguments[name] = _checked(name, _from_text(value, rules[name]), rules[name])
    return arguments


def _check_names(tool: str, rules: Mapping[str, Any], given: Sequence[str]) -> None:
    unknown = [name for name in given if name not in rules]
    if not unknown:
        return
    named = " and ".join(f"{shown(name)}{_suggestion(name, rules, given)}" for name in unknown[:3])
    noun = "argument" if len(unknown) == 1 else "arguments"
    raise _error(unknown[0], f"{tool} has no {noun} {named}: {_takes(rules)}")


def _suggestion(name: str, rules: Mapping[str, Any], given: Sequence[str]) -> str:
    nearest = _nearest(name, [rule for rule in rules if rule not in given])
    return f" (did you mean {nearest!r}?)" if nearest else ""


def _nearest(name: str, names: Sequence[str]) -> str | None:
    """Return the name that is meant, or None if none is similar."""
    word = name.strip().lower().replace("-", "_")
    meant = _SYNONYMS.get(word)
    if meant in names:
        return meant
    parts = [one for one in names if word and set(word.split("_")) <= set(one.split("_"))]
    return next(iter([*parts, *difflib.get_close_matches(word, names, n=1)]), None)


def _takes(rules: Mapping[str, Any]) -> str:
    *names, last = rules
    return f"it takes {', '.join(names)} and {last} only" if names else f"it takes {last} only"


def _checked(name: str, value: Any, rule: Mapping[str, Any]) -> Any:
    try:
        return validation.checked(name, value, rule)
    except ValidationError as error:
        choices: list[str] = rule.get("enum", [])
        if not choices or not isinstance(value, str):
            raise
        nearest = difflib.get_close_matches(value.lower(), choices, n=1)
        if not nearest:
            raise
        raise _error(name, f"{error.message} (did you mean {nearest[0]!r}?)") from None


def _from_text(value: Any, rule: Mapping[str, Any]) -> Any:
    """Return the value that a string encodes as JSON, if it has the type that the rule asks for.

    A float without a fraction becomes an integer, as JSON has only one type of number.
    """
    wanted = rule.get("type", "string")
    if wanted in _PYTHON_TYPES and isinstance(value, str):
        try:
            decoded = json.loads(value, parse_constant=_reject_constant)
        except (ValueError, RecursionError):
            return value
        is_wanted = isinstance(decoded, _PYTHON_TYPES[wanted])
        if not is_wanted or (isinstance(decoded, bool) and wanted != "boolean"):
            return value
        value = decoded
    if wanted == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def _error(argument: str, message: str) -> ValidationError:
    return ValidationError("VALIDATION_ERROR", message, 400, details={"argument": argument})
