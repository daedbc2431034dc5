"""The generated TypedDicts against the contract, which is read here by other code."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Literal, Optional, get_type_hints

import pytest

import memoryos_api
from memoryos_api import typed_dicts

CONTRACT = json.loads((Path(memoryos_api.__file__).parent / "contract.json").read_text("utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
OBJECTS = sorted(
    name
    for name, schema in SCHEMAS.items()
    if schema.get("properties") and schema.get("additionalProperties") is not True
)
ENUMS = sorted(name for name, schema in SCHEMAS.items() if "enum" in schema)
SCALARS = {"string": str, "number": float, "integer": int, "boolean": bool}


def required_keys(name):
    """The keys that a TypedDict requires; Python 3.8 does not keep them itself."""
    cls = getattr(typed_dicts, name)
    if sys.version_info >= (3, 9):
        return set(cls.__required_keys__)
    base = getattr(typed_dicts, f"_{name}Required", None)
    if base is not None:
        return set(base.__annotations__)
    return set(cls.__annotations__) if cls.__total__ else set()


def expected_type(schema):
    """The Python type of a schema, for the forms that the contract uses."""
    if "$ref" in schema:
        return getattr(typed_dicts, schema["$ref"].rpartition("/")[2])
    if "allOf" in schema:
        return expected_type(schema["allOf"][0])
    if "oneOf" in schema:
        value, null = schema["oneOf"]
        assert null == {"type": "null"}
        return Optional[expected_type(value)]
    return Literal[schema["const"]] if "const" in schema else type_of_own(schema)


def type_of_own(schema):
    """The Python type of a schema that names a type itself."""
    if isinstance(schema["type"], list):
        name, null = schema["type"]
        assert null == "null"
        return Optional[SCALARS[name]]
    if schema["type"] == "array":
        return List[expected_type(schema["items"])]
    return Dict[str, Any] if schema["type"] == "object" else SCALARS[schema["type"]]


def test_each_schema_is_exported_and_nothing_else():
    assert typed_dicts.__all__ == sorted(SCHEMAS)


@pytest.mark.parametrize("name", OBJECTS)
def test_the_keys_and_their_types_are_the_contracts(name):
    properties = SCHEMAS[name]["properties"]
    hints = get_type_hints(getattr(typed_dicts, name))
    assert hints == {key: expected_type(schema) for key, schema in properties.items()}


@pytest.mark.parametrize("name", OBJECTS)
def test_the_required_keys_are_the_contracts(name):
    assert required_keys(name) == set(SCHEMAS[name].get("required", []))


@pytest.mark.parametrize("name", OBJECTS)
def test_each_docstring_describes_each_key(name):
    text = inspect.getdoc(getattr(typed_dicts, name))
    assert text.startswith(SCHEMAS[name]["description"].split()[0])
    for key in SCHEMAS[name]["properties"]:
        assert f"\n    {key}: " in text


@pytest.mark.parametrize("name", ENUMS)
def test_the_values_of_each_enum_are_the_contracts(name):
    assert getattr(typed_dicts, name) == Literal[tuple(SCHEMAS[name]["enum"])]


def test_metadata_may_hold_anything():
    """The keys that searches filter by are described, and a type checker accepts all others."""
    assert typed_dicts.Metadata == Dict[str, Any]
    text = inspect.getsource(typed_dicts).partition("\nMetadata = ")[2].partition("class ")[0]
    for key in SCHEMAS["Metadata"]["properties"]:
        assert f"\n    {key}: " in text


def test_only_what_python_3_8_has_is_imported():
    """Besides, where it is installed, what pydantic takes no other for."""
    tree = ast.parse(inspect.getsource(typed_dicts))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {module: set() for module in ("__future__", "typing", "typing_extensions")}
    for node in imports:
        names[node.module].update(alias.name for alias in node.names)
    assert names["typing_extensions"] == {"TypedDict"}
    assert not names["typing"] & {"NotRequired", "Required", "TypeAlias", "ReadOnly"}
