"""The contract as openapi-python-client can read it.

The generator turns a body with `anyOf: [{required: …}]` into `Any`, and drops the description of a
parameter. Such rules are data in `operations.py` instead, so that here they may go. It also makes
attributes of the described keys of an open map, which would hide them from `metadata["tags"]`.
Limits of the local Memory OS become part of the descriptions, which end in docstrings.
"""

from __future__ import annotations

import copy
from typing import Any

from generation.contract import Json, operations, resolve
from generation.limits import local_limits_sentence
from generation.schemas import is_open_map


def project(contract: Json) -> Json:
    """A copy of the contract without what the generator would misread."""
    projected = copy.deepcopy(contract)
    for name, schema in projected["components"]["schemas"].items():
        _drop_required_choices(schema)
        if is_open_map(schema):
            schema.pop("properties", None)
        for key, part in schema.get("properties", {}).items():
            _describe_limits(contract, part, f"schema {name}.{key}")
    for _, _, operation in operations(projected):
        for parameter in operation["parameters"]:
            _describe_schema(contract, resolve(projected, parameter))
    return projected


def _drop_required_choices(schema: Json) -> None:
    choices: list[Any] = schema.get("anyOf", [])
    if choices and all(list(choice) == ["required"] for choice in choices):
        del schema["anyOf"]


def _describe_limits(contract: Json, schema: Json, where: str) -> None:
    sentence = local_limits_sentence(contract, schema, where)
    if sentence and not schema.get("description", "").endswith(sentence):
        schema["description"] = f"{schema.get('description', '')} {sentence}".lstrip()


def _describe_schema(contract: Json, parameter: Json) -> None:
    """Give a parameter's own schema the parameter's description; it ends in the docstring."""
    schema = parameter["schema"]
    if "$ref" not in schema and "allOf" not in schema and "description" in parameter:
        schema.setdefault("description", parameter["description"])
        _describe_limits(contract, schema, parameter["name"])
