"""The SDK's requests are the generated client's, though it builds them without its models."""

from __future__ import annotations

import inspect
import json
from importlib import import_module

import pytest

import memoryos_api.models
from memoryos._protocol import operations
from memoryos_api.operations import OPERATIONS

ID = "550E8400-e29b-41d4-a716-446655440000"
TEXTS = ["text", "é😀 \n\t\x00", "a&b=c#d/../e%2f"]
OBJECTS = [{}, {"to_dict": 1, "": "é"}, {"a": [1, {"b": (None, True, 0.5)}], "additional_keys": []}]


def values(schema):
    """Return values of every kind that a schema allows."""
    if "enum" in schema:
        return schema["enum"]
    if schema.get("format") == "uuid":
        return [ID, ID.lower()]
    if "pattern" in schema:
        return ["key-1", "~!$"]
    if schema["type"] == "array":
        item, count = values(schema["items"])[0], schema.get("minItems", 2)
        return [[item] * count, (item,) * count]
    numbers = [schema.get("minimum", 0), schema.get("maximum", 10**6)]
    return {"integer": numbers, "number": [*numbers, 0.25], "object": OBJECTS}.get(
        schema["type"], TEXTS
    )


def arguments_of(name, chosen):
    """Return arguments: those that are chosen, those that are needed, and None for the others."""
    row = OPERATIONS[name].arguments
    needed = {argument for argument in row if row[argument].required}
    needed |= {"search_memories": {"query"}, "update_memory": {"content"}}.get(name, set())
    rest = {
        argument: values(row[argument].schema)[0] if argument in needed else None
        for argument in inspect.signature(getattr(operations, name)).parameters
    }
    return {**rest, **chosen}


def generated(name, arguments):
    """Return method, path, query, headers and body as the generated client sends them."""
    row = OPERATIONS[name]
    given = {argument: value for argument, value in arguments.items() if value is not None}
    body = {
        row.arguments[argument].wire_name: value
        for argument, value in given.items()
        if row.arguments[argument].location == "body"
    }
    parameters = {
        row.arguments[argument].generated_name: value
        for argument, value in given.items()
        if row.arguments[argument].location != "body"
    }
    if row.body is not None:
        parameters["body"] = getattr(memoryos_api.models, row.body).from_dict(body)
    form = import_module(row.module)._get_kwargs(**parameters)
    headers = {name.lower(): value for name, value in form.get("headers", {}).items()}
    headers.pop("content-type", None)  # which the SDK adds where there is a body
    sent = json.loads(json.dumps(form["json"])) if "json" in form else None
    return form["method"].upper(), form["url"], form.get("params", {}), headers, sent


def built(name, arguments):
    """Return the same of the SDK's own operation."""
    operation = getattr(operations, name)(**arguments)
    sent = None if operation.content is None else json.loads(operation.content)
    return operation.method, operation.path, operation.query, operation.headers, sent


CASES = [
    pytest.param(name, {argument.name: value}, id=f"{name}-{argument.name}-{position}")
    for name, row in OPERATIONS.items()
    for argument in row.arguments.values()
    for position, value in enumerate(values(argument.schema))
]
WHOLE = [
    pytest.param(name, {a.name: values(a.schema)[-1] for a in row.arguments.values()}, id=name)
    for name, row in OPERATIONS.items()
]


@pytest.mark.parametrize(("name", "chosen"), CASES + WHOLE)
def test_the_request_is_the_one_that_the_generated_client_sends(name, chosen):
    """For each argument of each operation, and for all of them together."""
    arguments = arguments_of(name, chosen)
    if arguments.get("idempotency_key", "") is None:
        arguments["idempotency_key"] = "the-same-in-both"
    assert built(name, arguments) == generated(name, arguments)


def test_every_operation_is_compared():
    """Also one that the contract will have some day."""
    assert {case.values[0] for case in CASES} == set(OPERATIONS)
