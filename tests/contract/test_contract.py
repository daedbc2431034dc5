"""What a reviewer asks of openapi.yaml beyond its being valid; derived from the contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import memoryos_api
from memoryos._protocol import responses
from memoryos_api.operations import OPERATIONS

CONTRACT = json.loads((Path(memoryos_api.__file__).parent / "contract.json").read_text("utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
PROPERTIES = [
    pytest.param(schema, id=f"{name}.{key}")
    for name, parent in SCHEMAS.items()
    for key, schema in parent.get("properties", {}).items()
]
NODES = {
    node["operationId"]: node
    for item in CONTRACT["paths"].values()
    for method, node in item.items()
    if method != "parameters"
}
RESPONSES = [
    pytest.param(name, status, id=f"{name}-{status}")
    for name, node in NODES.items()
    for status in node["responses"]
]


def follow(node):
    """Return what a node refers to, or itself."""
    while "$ref" in node:
        target = CONTRACT
        for step in node["$ref"][2:].split("/"):
            target = target[step]
        node = target
    return node


def has(schema, keyword):
    """Return whether a schema has a keyword, itself or from what it is made of."""
    schema = follow(schema)
    parts = [*schema.get("allOf", []), *schema.get("oneOf", [])]
    return keyword in schema or any(has(part, keyword) for part in parts)


def has_example(schema):
    """Return whether a schema has an example: its own, or one of each of its parts."""
    if has(schema, "examples"):
        return True
    schema = follow(schema)
    if "items" in schema:
        return has_example(schema["items"])
    properties = schema.get("properties", {}).values()
    return bool(properties) and all(map(has_example, properties))


def response(name, status):
    return follow(NODES[name]["responses"][status])


@pytest.mark.parametrize("schema", PROPERTIES)
def test_each_property_has_an_example_and_a_description(schema):
    assert has_example(schema)
    assert has(schema, "description")


@pytest.mark.parametrize("name", [name for name, node in NODES.items() if "requestBody" in node])
def test_each_request_body_has_an_example_and_its_own_errors(name):
    """A body can be too slow (408) or too large (413)."""
    assert NODES[name]["requestBody"]["content"]["application/json"]["examples"]
    assert {"408", "413"} <= NODES[name]["responses"].keys()


@pytest.mark.parametrize(
    "name", [name for name, node in NODES.items() if "requestBody" not in node]
)
def test_a_request_without_a_body_has_no_error_of_a_body(name):
    assert not {"408", "413"} & NODES[name]["responses"].keys()


@pytest.mark.parametrize(("name", "status"), RESPONSES)
def test_each_response_with_a_body_has_an_example(name, status):
    content = response(name, status).get("content")
    assert (content is None) is (status == "204")
    assert content is None or content["application/json"]["examples"]


@pytest.mark.parametrize(("name", "status"), RESPONSES)
def test_each_error_response_names_its_codes(name, status):
    """In its examples, so that a reader and the operations table know them."""
    codes = OPERATIONS[name].errors.get(int(status))
    assert (codes is None) is (status < "400")
    for code in codes or ():
        assert code in SCHEMAS["ErrorDetail"]["properties"]["code"]["examples"]


def test_an_invalid_key_has_the_two_documented_codes():
    for operation in OPERATIONS.values():
        assert operation.errors[401] == ("UNAUTHORIZED", "AUTHENTICATION_ERROR")


def test_the_list_of_codes_is_open_and_has_each_documented_code():
    """An unknown code must never break a client: it is a plain string."""
    code = SCHEMAS["ErrorDetail"]["properties"]["code"]
    assert (code["type"], "enum" in code, "$ref" in code) == ("string", False, False)
    table = [codes for operation in OPERATIONS.values() for codes in operation.errors.values()]
    assert set(code["examples"]) == {each for codes in table for each in codes}
    from memoryos_api.models import ErrorEnvelope

    error = {"code": "NEVER_SEEN", "message": "No", "details": {"errors": "odd", "more": 1}}
    envelope = {"error": error, "meta": {"request_id": "req_1"}}
    assert ErrorEnvelope.from_dict(envelope).to_dict() == envelope


def test_no_title_repeats_a_name():
    assert [name for name, schema in SCHEMAS.items() if "title" in schema] == []


def test_422_is_not_documented_and_is_still_read_as_400():
    """The service was never seen to send it; the SDK treats it as 400 all the same."""
    assert [name for name, node in NODES.items() if "422" in node["responses"]] == []
    assert "treat 422 as 400" in " ".join(CONTRACT["info"]["description"].split())
    assert responses.ERROR_CLASSES[422] is responses.ERROR_CLASSES[400]


@pytest.mark.parametrize("key", ["tags", "entities"])
def test_the_keys_of_metadata_that_searches_use_are_described_and_not_restricted(key):
    metadata = SCHEMAS["Metadata"]
    assert metadata["additionalProperties"] is True
    assert "type" not in metadata["properties"][key]
    assert key in metadata["examples"][0] or metadata["properties"][key]["examples"]
    for operation in OPERATIONS.values():
        if "metadata" in operation.arguments:
            schema = operation.arguments["metadata"].schema
            if schema.get("contentMediaType") == "application/json":
                continue  # a query has it as text
            assert schema == {"type": "object", "additionalProperties": True}
