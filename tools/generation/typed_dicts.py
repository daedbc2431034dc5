"""`memoryos_api/typed_dicts.py`: the wire's JSON as TypedDicts, for Python 3.8 and newer.

3.8 has no `NotRequired`, and the base install takes no typing_extensions: a class with required and
optional keys is a pair, a private base with the required ones and a `total=False` class on it.
Where typing_extensions is installed all the same, its TypedDict is used, for pydantic's sake.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from typing import Any

from generation.contract import ContractError, Json, schema_name
from generation.limits import local_limits_sentence
from generation.schemas import check_keywords, flatten, is_open_map, nullable_part, types

SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
WIDTH = 96

HEADER = '''"""The JSON of the API as typed dictionaries, just as it is on the wire.

Written by `make regenerate` from openapi.yaml; never edited by hand. Times are strings (RFC 3339),
ids are strings (UUID). A service may send more keys and other values than are listed here.
"""

import sys
from typing import TYPE_CHECKING, Any, Dict, List, Literal, Optional, Union

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from typing import TypedDict
else:  # pydantic takes no other before 3.12
    try:
        from typing_extensions import TypedDict
    except ImportError:
        from typing import TypedDict

'''


def render(contract: Json) -> str:
    """The text of `typed_dicts.py`."""
    schemas = contract["components"]["schemas"]
    names = ordered(schemas)
    definitions = [_definition(contract, name, schemas[name]) for name in names]
    exported = "".join(f'    "{name}",\n' for name in sorted(names))
    return f"{HEADER}__all__ = [\n{exported}]\n\n" + "\n\n".join(definitions)


def ordered(schemas: Json) -> list[str]:
    """The names of the schemas, each after those that it refers to."""
    done: list[str] = []

    def visit(name: str, under: tuple[str, ...]) -> None:
        if name in under:
            raise ContractError(f"schema {name} contains itself, which is not understood.")
        if name not in schemas:
            raise ContractError(f"#/components/schemas/{name} refers to nothing in the contract.")
        for other in _references(schemas[name]):
            visit(other, (*under, name))
        if name not in done:
            done.append(name)

    for name in schemas:
        visit(name, ())
    return done


def _references(node: Any) -> list[str]:
    """The schemas that a node refers to, in order; examples are not looked into."""
    if isinstance(node, list):
        return [name for part in node for name in _references(part)]
    if not isinstance(node, dict):
        return []
    if isinstance(node.get("$ref"), str):
        return [schema_name(node["$ref"])]
    skipped = ("example", "examples", "default", "enum", "const")
    return [name for key, part in node.items() if key not in skipped for name in _references(part)]


def _definition(contract: Json, name: str, schema: Json) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ContractError(f"schema {name}: its name is not a Python name.")
    flat = flatten(contract, schema, f"schema {name}")
    if flat.get("properties") and not is_open_map(flat):
        return _typed_dict(contract, name, flat)
    lines = _key_lines(contract, flat, f"schema {name}") if flat.get("properties") else []
    text = _docstring(flat.get("description", ""), lines, "")
    return f"{name} = {_flat_type(contract, flat, f'schema {name}')}\n{text}"


def _typed_dict(contract: Json, name: str, schema: Json) -> str:
    where = f"schema {name}"
    required = set(schema.get("required", []))
    unknown = required - schema["properties"].keys()
    if unknown:
        raise ContractError(f"{where}: requires {sorted(unknown)}, which it does not describe.")
    keys = {
        key: _annotation(contract, part, f"{where}.{key}")
        for key, part in schema["properties"].items()
    }
    for key in keys:
        if not key.isidentifier() or keyword.iskeyword(key):
            raise ContractError(f"{where}: the key {key!r} is not a Python name.")
    text = _docstring(schema.get("description", ""), _key_lines(contract, schema, where), "    ")
    needed = _keys({key: value for key, value in keys.items() if key in required})
    optional = _keys({key: value for key, value in keys.items() if key not in required})
    if not optional:
        return f"class {name}(TypedDict):\n{text}{needed}"
    if not needed:
        return f"class {name}(TypedDict, total=False):\n{text}{optional}"
    base = f"_{name}Required"
    summary = f'    """The keys that every {name} has."""\n\n'
    return (
        f"class {base}(TypedDict):\n{summary}{needed}\n\n"
        f"class {name}({base}, total=False):\n{text}{optional}"
    )


def _keys(keys: dict[str, str]) -> str:
    return "".join(f"    {key}: {annotation}\n" for key, annotation in keys.items())


def _key_lines(contract: Json, schema: Json, where: str) -> list[str]:
    lines = []
    for key, part in schema["properties"].items():
        flat = flatten(contract, part, f"{where}.{key}")
        inner = nullable_part(flat)
        described = flatten(contract, inner, f"{where}.{key}") if inner else flat
        text = flat.get("description") or described.get("description") or ""
        default = f" Default: {flat['default']!r}." if "default" in flat else ""
        limits = local_limits_sentence(contract, part, f"{where}.{key}")
        lines.append(" ".join(f"{key}: {text}{default} {limits}".split()))
    return lines


def _docstring(description: str, keys: list[str], indent: str) -> str:
    """A docstring, with a section of keys where there are some."""
    paragraphs = [textwrap.fill(" ".join(description.split()), WIDTH - len(indent))]
    if keys:
        wrapped = [
            textwrap.fill(line, WIDTH, initial_indent="    ", subsequent_indent="        ")
            for line in keys
        ]
        paragraphs.append("Keys:\n" + "\n".join(wrapped))
    text = "\n\n".join(part for part in paragraphs if part)
    if not text:
        return ""
    escaped = re.sub(r'"(?="|\Z)', r"\"", text.replace("\\", "\\\\"))
    closing = "\n" if keys else ""
    return textwrap.indent(f'"""{escaped}{closing}"""\n', indent) + ("\n" if keys else "")


def _annotation(contract: Json, schema: Json, where: str) -> str:
    """The type of a value: a schema's name where it is referred to, else its own type."""
    check_keywords(schema, where)
    if "$ref" in schema:
        return schema_name(schema["$ref"])
    if len(schema.get("allOf", [])) == 1 and "$ref" in schema["allOf"][0]:
        return schema_name(schema["allOf"][0]["$ref"])
    return _flat_type(contract, flatten(contract, schema, where), where)


def _flat_type(contract: Json, schema: Json, where: str) -> str:
    inner = nullable_part(schema)
    if inner is not None:
        return f"Optional[{_annotation(contract, inner, where)}]"
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return _union([_annotation(contract, part, where) for part in schema[union]])
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]"
    return _union([_single_type(contract, schema, name, where) for name in types(schema)])


def _union(members: list[str]) -> str:
    unique = list(dict.fromkeys(member for member in members if member != "None"))
    union = f"Union[{', '.join(unique)}]" if len(unique) > 1 else "".join(unique) or "Any"
    return f"Optional[{union}]" if "None" in members else union


def _single_type(contract: Json, schema: Json, name: str, where: str) -> str:
    if name == "array":
        items = schema.get("items")
        return f"List[{_annotation(contract, items, f'{where}[]') if items else 'Any'}]"
    if name == "object":
        if schema.get("properties") and not is_open_map(schema):
            raise ContractError(f"{where}: give the object a name under components/schemas.")
        extra = schema.get("additionalProperties")
        inner = _annotation(contract, extra, where) if isinstance(extra, dict) else "Any"
        return f"Dict[str, {inner}]"
    return SCALARS[name]
