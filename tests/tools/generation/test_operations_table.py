"""The generated operations table against the contract, which is read here by other code."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path

import pytest

import memoryos_api
from memoryos_api import operations
from memoryos_api.operations import KEYWORDS, OPERATIONS

CONTRACT = json.loads((Path(memoryos_api.__file__).parent / "contract.json").read_text("utf-8"))
METHODS = ("get", "put", "post", "delete", "patch")
NOTES = {
    *("title", "description", "default", "example", "examples", "contentSchema"),
    *("x-assumed", "x-assumed-limits", "x-feature"),
}
# What HTTP itself asks of a header's value, where the contract asks for nothing stricter.
HEADER_VALUE = "^[!-~](?:[\\t -~]*[!-~])?$"


def follow(node):
    """A node of the contract, its reference followed."""
    while "$ref" in node:
        target = CONTRACT
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node


def rules(schema):
    """What the SDK checks: references and allOf resolved; notes and assumed limits left out."""
    schema = follow(schema)
    merged = {}
    for part in schema.get("allOf", []):
        merged.update(rules(part))
    left_out = NOTES | {"allOf", *schema.get("x-assumed-limits", [])}
    merged.update({key: value for key, value in schema.items() if key not in left_out})
    if merged.get("additionalProperties") is True:
        merged.pop("properties", None)
    if "items" in merged:
        merged["items"] = rules(merged["items"])
    return merged


def contract_operations():
    """Every operation of the contract by its id, with its path and method."""
    found = {}
    for path, item in CONTRACT["paths"].items():
        for method in (key for key in item if key in METHODS):
            shared = [*item.get("parameters", []), *item[method].get("parameters", [])]
            found[item[method]["operationId"]] = (path, method, item[method], shared)
    return found


EXPECTED = contract_operations()
EVERY_OPERATION = sorted(EXPECTED)


def expected_arguments(name):
    """wire name → (location, required, default, rules) as the contract says it."""
    _, _, operation, parameters = EXPECTED[name]
    arguments = {}
    for parameter in map(follow, parameters):
        schema = parameter["schema"]
        arguments[parameter["name"]] = (
            parameter["in"],
            parameter.get("required", False),
            follow(schema).get("default"),
            {"pattern": HEADER_VALUE, **rules(schema)}
            if parameter["in"] == "header"
            else rules(schema),
        )
    if "requestBody" in operation:
        body = follow(operation["requestBody"]["content"]["application/json"]["schema"])
        for key, schema in body["properties"].items():
            required = key in body.get("required", [])
            arguments[key] = ("body", required, schema.get("default"), rules(schema))
    return arguments


def test_the_table_has_each_operation_in_the_order_of_the_contract():
    assert list(OPERATIONS) == list(EXPECTED)
    assert all(name == operation.name for name, operation in OPERATIONS.items())


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_method_path_texts_and_scopes_are_the_contracts(name):
    path, method, operation, _ = EXPECTED[name]
    entry = OPERATIONS[name]
    assert (entry.path, entry.method) == (path, method.upper())
    assert (entry.summary, entry.description) == (operation["summary"], operation["description"])
    assert operation["security"] == [{"bearerAuth": list(entry.scopes)}]


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_the_statuses_and_the_codes_of_errors_are_the_contracts(name):
    responses = {int(key): follow(value) for key, value in EXPECTED[name][2]["responses"].items()}
    entry = OPERATIONS[name]
    assert [*entry.successes, *entry.errors] == sorted(responses)
    for status, codes in entry.errors.items():
        examples = responses[status]["content"]["application/json"]["examples"].values()
        assert {each["value"]["error"]["code"] for each in examples} == set(codes)


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_the_arguments_are_the_contracts(name):
    found = {
        argument.wire_name: (
            argument.location,
            argument.required,
            argument.default,
            argument.schema,
        )
        for argument in OPERATIONS[name].arguments.values()
    }
    assert found == expected_arguments(name)


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_the_rules_of_the_body_as_a_whole_are_the_contracts(name):
    operation = EXPECTED[name][2]
    entry = OPERATIONS[name]
    if "requestBody" not in operation:
        assert (entry.body, entry.body_rules) == (None, {})
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    body = {**follow(schema)}
    assert schema["$ref"] == f"#/components/schemas/{entry.body}"
    left_out = NOTES | {"type", "properties", "required"}
    assert entry.body_rules == {key: body[key] for key in body if key not in left_out}


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_the_answers_schema_is_the_contracts(name):
    response = follow(EXPECTED[name][2]["responses"]["200"])
    reference = response["content"]["application/json"]["schema"]["$ref"]
    assert reference == f"#/components/schemas/{OPERATIONS[name].response}"


def test_the_names_that_people_write_are_python_names_of_their_own():
    for operation in OPERATIONS.values():
        for name, argument in operation.arguments.items():
            assert name == argument.name
            assert name.isidentifier()
            assert name == argument.wire_name.lower().replace("-", "_")


def test_each_argument_says_what_it_is():
    arguments = [item for entry in OPERATIONS.values() for item in entry.arguments.values()]
    assert [item for item in arguments if not item.description] == []


def test_the_keywords_are_those_that_the_schemas_use():
    used = {
        keyword
        for operation in OPERATIONS.values()
        for argument in operation.arguments.values()
        for schema in (argument.schema, argument.schema.get("items", {}))
        for keyword in schema
        if not keyword.startswith("x-")  # a note, not a rule
    }
    assert tuple(sorted(used)) == KEYWORDS


def test_the_table_is_made_of_literals_and_needs_only_typing():
    tree = ast.parse(inspect.getsource(operations))
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [node.module for node in imports] == ["__future__", "typing"]
    entries = [node.value for node in tree.body if isinstance(node, ast.AnnAssign)][:-1]
    assert len(entries) == len(OPERATIONS)
    nodes = [node for entry in entries for node in ast.walk(entry)]
    calls = {ast.dump(node.func) for node in nodes if isinstance(node, ast.Call)}
    assert len(calls) == 2
    assert not [node for node in nodes if isinstance(node, (ast.BinOp, ast.Attribute))]


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_what_the_sdk_returns_is_the_data_of_the_envelope_or_a_whole_page(name):
    entry = OPERATIONS[name]
    data = CONTRACT["components"]["schemas"][entry.response]["properties"]["data"]
    if data.get("type") == "array":
        assert (entry.response_kind, entry.result) == ("page", entry.response)
    else:
        kind = "deletion" if entry.method == "DELETE" else "item"
        result = data["$ref"].rpartition("/")[2]
        assert (entry.response_kind, entry.result) == (kind, result)
