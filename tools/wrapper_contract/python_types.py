"""The Python types of the contract's values."""

from __future__ import annotations

from typing import Any

# By the type in the contract: what the wrapper may write, the form to be advised first.
FORMS = {
    "string": ("str",),
    "integer": ("int",),
    "number": ("float",),
    "boolean": ("bool",),
    "object": ("Mapping[str, Any]",),
}

# The documentation types these as `str`, though the contract lists their values.
DOCUMENTED_AS_STRINGS = frozenset({"content_type"})


def forms(name: str, schema: dict[str, Any], literals: dict[str, list[Any]]) -> tuple[str, ...]:
    """Return the types that an argument may have in a signature, the best first.

    Args:
        name: The argument's name.
        schema: Its rules.
        literals: The values of the generated `Literal` types, by their names.
    """
    if "enum" in schema and name not in DOCUMENTED_AS_STRINGS:
        values = schema["enum"]
        return tuple(alias for alias, listed in literals.items() if listed == values)
    if schema.get("type") == "array":
        inner = forms(name, schema.get("items", {}), literals)[0]
        return (f"Sequence[{inner}]", f"Iterable[{inner}]")
    if schema.get("contentMediaType") == "application/json":
        return FORMS["object"]
    if schema.get("format") == "date-time":
        return ("Union[str, datetime]",)
    named = schema.get("type")
    return FORMS[named] if isinstance(named, str) and named in FORMS else ("Any",)


def expected(form: str, *, optional: bool) -> str:
    """Return the annotation of an argument of this type."""
    return f"Optional[{form}]" if optional else form
