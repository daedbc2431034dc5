"""The tools of regeneration: what they refuse, and what they write."""

from __future__ import annotations

import copy
import importlib
import sys
from pathlib import Path

import pytest

REASON = "needs requirements/generator.txt (and Python 3.11)"
pytest.importorskip("openapi_python_client", reason=REASON)
pytest.importorskip("ruff", reason=REASON)

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
contracts = importlib.import_module("generation.contract")
operations = importlib.import_module("generation.operations")
package = importlib.import_module("generation.package")
projection = importlib.import_module("generation.projection")
schemas = importlib.import_module("generation.schemas")
typed_dicts = importlib.import_module("generation.typed_dicts")

ContractError = contracts.ContractError


@pytest.fixture(scope="module")
def pristine():
    """The contract, as it is committed."""
    return contracts.load(ROOT / "openapi.yaml")


@pytest.fixture
def contract(pristine):
    """A copy of the contract that a test may change."""
    return copy.deepcopy(pristine)


def in_a_schema(contract, name, key, **rules):
    """Change one property of a schema."""
    contract["components"]["schemas"][name]["properties"][key].update(rules)
    return contract


# --- reading the contract ---


def test_a_key_that_is_not_a_string_is_refused(tmp_path):
    path = tmp_path / "openapi.yaml"
    path.write_text("responses: {200: {}}")
    with pytest.raises(ContractError, match="200 is not a string"):
        contracts.load(path)


def test_a_value_that_json_does_not_have_is_refused(tmp_path):
    path = tmp_path / "openapi.yaml"
    path.write_text("example: 2026-11-02")
    with pytest.raises(ContractError, match="no form in JSON"):
        contracts.load(path)


def test_a_reference_keeps_its_siblings():
    document = {"a": {"$ref": "#/b"}, "b": {"type": "string", "description": "general"}}
    node = {"$ref": "#/a", "description": "special"}
    assert contracts.resolve(document, node) == {"type": "string", "description": "special"}


def test_a_reference_in_a_circle_is_refused():
    with pytest.raises(ContractError, match="refers to itself"):
        contracts.resolve({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}, {"$ref": "#/a"})


@pytest.mark.parametrize("reference", ["#/nothing", "other.yaml#/a", "#/text"])
def test_a_reference_to_nothing_is_refused(reference):
    with pytest.raises(ContractError):
        contracts.resolve({"text": "a"}, {"$ref": reference})


# --- what the tools do not understand, they refuse ---


def test_an_unknown_keyword_is_refused_wherever_it_stands(contract):
    items = contract["components"]["schemas"]["Memory"]["properties"]["pii_fields"]["items"]
    items["contentEncoding"] = "base64"
    with pytest.raises(ContractError, match=r"Memory\.pii_fields\.items.*'contentEncoding'"):
        package.texts(contract)


def test_an_unknown_keyword_of_a_parameter_is_refused(contract):
    contract["components"]["parameters"]["Limit"]["schema"]["multipleOf"] = 5
    with pytest.raises(ContractError, match=r"limit.*'multipleOf'"):
        package.texts(contract)


def test_an_unknown_type_is_refused(contract):
    in_a_schema(contract, "Memory", "content", type="text")
    with pytest.raises(ContractError, match="'text' is not a type"):
        package.texts(contract)


def test_parts_of_all_of_that_disagree_are_refused():
    schema = {"allOf": [{"type": "string"}, {"type": "integer"}]}
    with pytest.raises(ContractError, match="disagree on 'type'"):
        schemas.flatten({}, schema, "here")


def test_a_choice_between_two_objects_is_refused(contract):
    references = [{"$ref": f"#/components/schemas/{name}"} for name in ("Tag", "Entity")]
    contract["components"]["schemas"]["TagPage"]["properties"]["first"] = {"oneOf": references}
    with pytest.raises(ContractError, match=r"TagPage\.first.*two kinds of object"):
        package.texts(contract)


def test_an_argument_that_may_have_two_forms_is_refused(contract):
    in_a_schema(contract, "SearchRequest", "query", anyOf=[{"minLength": 1}, {"maxLength": 0}])
    with pytest.raises(ContractError, match=r"query.*anyOf is not understood in an argument"):
        package.texts(contract)


def test_a_body_that_is_not_json_is_refused(contract):
    body = contract["paths"]["/search"]["post"]["requestBody"]
    body["content"]["text/plain"] = {"schema": {"type": "string"}}
    with pytest.raises(ContractError, match=r"search_memories.*only application/json"):
        package.texts(contract)


def test_two_arguments_of_one_python_name_are_refused(contract):
    parameter = {"name": "Content", "in": "query", "schema": {"type": "string"}}
    contract["paths"]["/memories"]["post"]["parameters"].append(parameter)
    with pytest.raises(ContractError, match=r"create_memory.*same Python name"):
        package.texts(contract)


def test_a_default_of_null_is_refused(contract):
    in_a_schema(contract, "SearchRequest", "limit", default=None)
    with pytest.raises(ContractError, match="default of null"):
        package.texts(contract)


def test_an_operation_without_an_id_is_refused(contract):
    del contract["paths"]["/tags"]["get"]["operationId"]
    with pytest.raises(ContractError, match="get /tags has no operationId"):
        package.texts(contract)


def test_a_public_operation_is_refused(contract):
    contract["paths"]["/tags"]["get"]["security"] = []
    with pytest.raises(ContractError, match=r"list_tags.*security"):
        package.texts(contract)


def test_a_status_that_is_not_a_number_is_refused(contract):
    contract["paths"]["/tags"]["get"]["responses"]["5XX"] = {"description": "Broken."}
    with pytest.raises(ContractError, match=r"list_tags.*'5XX'"):
        package.texts(contract)


def test_a_schema_that_contains_itself_is_refused(contract):
    items = {"type": "array", "items": {"$ref": "#/components/schemas/Tag"}}
    contract["components"]["schemas"]["Tag"]["properties"]["children"] = items
    with pytest.raises(ContractError, match="Tag contains itself"):
        typed_dicts.render(contract)


def test_a_required_key_that_is_not_described_is_refused(contract):
    contract["components"]["schemas"]["Tag"]["required"].append("weight")
    with pytest.raises(ContractError, match=r"Tag.*weight"):
        typed_dicts.render(contract)


@pytest.mark.parametrize("key", ["with-hyphen", "class"])
def test_a_key_that_is_not_a_python_name_is_refused(contract, key):
    contract["components"]["schemas"]["Tag"]["properties"][key] = {"type": "string"}
    with pytest.raises(ContractError, match=key):
        typed_dicts.render(contract)


# --- what is written ---


def test_a_nullable_choice_is_one_rule_that_allows_null():
    tier = {"type": "string", "enum": ["short", "long"]}
    schema = {"oneOf": [tier, {"type": "null"}]}
    assert schemas.fragment({}, schema, "here") == {
        "type": ["string", "null"],
        "enum": ["short", "long", None],
    }


def test_the_rules_of_nested_values_are_resolved_too():
    document = {"components": {"schemas": {"Name": {"type": "string", "minLength": 1}}}}
    name = {"$ref": "#/components/schemas/Name"}
    schema = {
        "type": "object",
        "properties": {"a": name},
        "additionalProperties": {"type": "array", "items": name},
    }
    assert schemas.fragment(document, schema, "here") == {
        "type": "object",
        "properties": {"a": {"type": "string", "minLength": 1}},
        "additionalProperties": {"type": "array", "items": {"type": "string", "minLength": 1}},
    }


def test_a_new_header_parameter_gets_a_python_name(contract):
    parameter = {"name": "X-Trace-Id", "in": "header", "schema": {"type": "string"}}
    contract["paths"]["/tags"]["get"]["parameters"].append(parameter)
    table = {item.name: item for item in operations.read_operations(contract)}
    argument = table["list_tags"].arguments["x_trace_id"]
    assert (argument.wire_name, argument.location) == ("X-Trace-Id", "header")


def test_a_docstring_survives_any_quotes():
    for text in ('say "x"', 'a """ b', "back\\", 'q\\"', '"""', "plain"):
        source = f"x = {typed_dicts._docstring(text, [], '')}"
        scope = {}
        exec(source, scope)
        assert scope["x"] == text


def test_the_keys_of_a_typed_dict_are_written_with_their_defaults(contract):
    text = typed_dicts.render(contract)
    assert "max_tokens: The maximum number of tokens in the context. Default: 4000." in text


def test_the_generator_gets_no_body_that_it_would_type_as_any(contract):
    projected = projection.project(contract)
    assert "anyOf" not in projected["components"]["schemas"]["SearchRequest"]
    assert "anyOf" in contract["components"]["schemas"]["SearchRequest"]


def test_a_parameters_description_reaches_its_docstring(contract):
    projected = projection.project(contract)
    limit = projected["components"]["parameters"]["Limit"]
    assert limit["schema"]["description"] == limit["description"]
