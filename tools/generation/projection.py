"""The contract as openapi-python-client can read it.

The generator turns a body with `anyOf: [{required: …}]` into `Any`, and drops the description of a
parameter. Such rules are data in `operations.py` instead, so that here they may go.
"""

from __future__ import annotations

import copy
from typing import Any

from generation.contract import Json, operations, resolve


def project(contract: Json) -> Json:
    """A copy of the contract without what the generator would misread."""
    projected = copy.deepcopy(contract)
    for schema in projected["components"]["schemas"].values():
        _drop_required_choices(schema)
    for _, _, operation in operations(projected):
        for parameter in operation["parameters"]:
            _describe_schema(resolve(projected, parameter))
    return projected


def _drop_required_choices(schema: Json) -> None:
    choices: list[Any] = schema.get("anyOf", [])
    if choices and all(list(choice) == ["required"] for choice in choices):
        del schema["anyOf"]


def _describe_schema(parameter: Json) -> None:
    """Give a parameter's own schema the parameter's description; it ends in the docstring."""
    schema = parameter["schema"]
    if "$ref" not in schema and "allOf" not in schema and "description" in parameter:
        schema.setdefault("description", parameter["description"])
