"""The contract as routes, parameters and bodies."""

from __future__ import annotations

import copy

import pytest

from memoryos_server.contract.parameters import parse_parameters
from memoryos_server.contract.routes import Contract, ContractError, default_contract

from_wire = {
    ("list_memories", "limit", "1"): 1,
    ("list_memories", "limit", "100"): 100,
    ("list_memories", "offset", "0"): 0,
    ("list_memories", "min_relevance", "0.5"): 0.5,
    ("list_memories", "min_relevance", "1"): 1,
    ("list_memories", "min_relevance", "1e-3"): 0.001,
    ("list_memories", "tier", "long"): "long",
    ("list_tags", "search", ""): "",
    ("list_tags", "search", "12"): "12",
    ("list_entities", "type", "person"): "person",
    ("list_memories", "metadata", "{}"): {},
    ("list_memories", "metadata", ' {"a":[1.0,{"b":"\\u0000"}]}'): {"a": [1.0, {"b": "\0"}]},
    ("list_memories", "external_id", ""): "",
    ("list_memories", "created_after", "2026-11-02t08:15:00.25-01:00"): (
        "2026-11-02t08:15:00.25-01:00"
    ),
}
refused = {
    ("list_memories", "limit", "0"): "must be at least 1, not 0",
    ("list_memories", "limit", "101"): "must be at most 100, not 101",
    ("list_memories", "limit", ""): "must be an integer",
    ("list_memories", "limit", "1.0"): "must be an integer",
    ("list_memories", "limit", "true"): "must be an integer",
    ("list_memories", "limit", " 5"): "must be an integer",
    ("list_memories", "limit", "+5"): "must be an integer",
    ("list_memories", "limit", "05"): "must be an integer",
    ("list_memories", "limit", "\u0665"): "must be an integer",
    ("list_memories", "limit", "5\n"): "must be an integer",
    ("list_memories", "limit", "1_0"): "must be an integer",
    ("list_memories", "offset", "-1"): "must be at least 0, not -1",
    ("list_memories", "min_relevance", "NaN"): "must be a number",
    ("list_memories", "min_relevance", "inf"): "must be a number",
    ("list_memories", "min_relevance", "1e999"): "must be a number",
    ("list_memories", "min_relevance", "1.5"): "must be at most 1, not 1.5",
    ("list_memories", "tier", "LONG"): 'must be one of short, medium, long, not "LONG"',
    ("list_memories", "tier", ""): 'must be one of short, medium, long, not ""',
    ("list_memories", "metadata", ""): "is not valid JSON at line 1, column 1",
    ("list_memories", "metadata", "{'a': 1}"): "is not valid JSON at line 1, column 2",
    ("list_memories", "metadata", '["a"]'): "must be an object",
    ("list_memories", "metadata", "null"): "must be an object, not null",
    ("list_memories", "metadata", '"{}"'): "must be an object",
    ("list_memories", "metadata", '{"a":1,"a":1}'): "contains an object with a duplicate name",
    ("list_memories", "metadata", '{"a":NaN}'): "contains NaN, which is not a JSON number",
    ("list_memories", "metadata", '{"a":1e999}'): "contains a number that is too large",
    ("list_memories", "metadata", '{"a":"\\ud800"}'): (
        "contains a string with an unpaired surrogate"
    ),
    ("list_memories", "metadata", '{"a":"' + "b" * 8192 + '"}'): (
        "must have at most 8192 characters"
    ),
    ("list_memories", "created_after", "2026-11-02"): (
        'must be a date and time in RFC 3339 format, such as 2026-11-02T08:15:00Z, not "2026-11-02"'
    ),
    ("list_tags", "sort", "color"): 'must be one of name, memory_count, created_at, not "color"',
}


def find(operation_id, contract=None):
    chosen = contract or default_contract()
    return next(o for o in chosen.operations if o.operation_id == operation_id)


def test_every_operation_of_the_contract_has_a_route(document):
    """Method, path, scopes and body of each operation are those of contract.json."""
    described = {
        (
            method,
            path,
            node["operationId"],
            tuple(node["security"][0]["bearerAuth"]),
            "requestBody" in node,
        )
        for path, item in document["paths"].items()
        for method, node in item.items()
        if method != "parameters"
    }
    known = {
        (o.method.lower(), o.path, o.operation_id, tuple(o.scopes), o.body is not None)
        for o in default_contract().operations
    }
    assert known == described
    assert len(known) == 10


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v1/memories", ("/memories", {})),
        ("/v1/memories/abc", ("/memories/{memory_id}", {"memory_id": "abc"})),
        ("/v1/memories/a%2Fb%20c", ("/memories/{memory_id}", {"memory_id": "a/b c"})),
        ("/v1/memories/..", ("/memories/{memory_id}", {"memory_id": ".."})),
        ("/v1/memories/", None),
        ("/v1/memories/a/b", None),
        ("/v1//memories", None),
        ("/v1", None),
        ("/v1/", None),
        ("/v2/memories", None),
        ("/v1memories", None),
        ("/memories", None),
        ("", None),
        ("*", None),
    ],
)
def test_a_path_matches_whole_segments_under_the_base_path(path, found):
    """An encoded slash stays inside its segment, and nothing is normalised."""
    matched = default_contract().match(path)
    assert (matched and (matched[0].template, matched[1])) == found


@pytest.mark.parametrize(("given", "value"), from_wire.items())
def test_parameters_are_typed_by_their_schema(given, value):
    """A query's text becomes the value of the schema's type."""
    operation, name, text = given
    values, errors = parse_parameters(find(operation), {"query": {name: [text]}})
    assert errors == []
    assert values[name] == value
    assert type(values[name]) is (float if name == "min_relevance" else type(value))


@pytest.mark.parametrize(("given", "message"), refused.items())
def test_parameters_that_break_a_rule_are_named(given, message):
    """The error names the parameter and the rule."""
    operation, name, text = given
    _, errors = parse_parameters(find(operation), {"query": {name: [text]}})
    assert [tuple(error) for error in errors] == [(f"query.{name}", message)]


def test_defaults_of_parameters_are_filled_in():
    """What was not sent has the contract's default; what has none is left out."""
    values, errors = parse_parameters(find("list_tags"), {"query": {}})
    assert (values, errors) == ({"limit": 50, "offset": 0, "sort": "name", "order": "asc"}, [])


def test_a_parameter_given_twice_is_refused():
    """Nobody has to guess which of the two counts."""
    _, errors = parse_parameters(find("list_memories"), {"query": {"limit": ["1", "2"]}})
    assert [tuple(error) for error in errors] == [("query.limit", "must occur only once")]


def test_a_query_parameter_that_the_contract_does_not_have_is_left_unread():
    """A newer client may send what this server does not know yet."""
    values, errors = parse_parameters(
        find("get_memory"), {"path": {"memory_id": [UUID]}, "query": {"x": ["1"]}}
    )
    assert (values, errors) == ({"memory_id": UUID}, [])


UUID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"


@pytest.mark.parametrize(
    "text", [UUID.replace("-", ""), f"{{{UUID}}}", f"urn:uuid:{UUID}", f"{UUID}\n", "..", "1", ""]
)
def test_an_id_must_be_a_uuid(text):
    """Only the form with hyphens counts."""
    _, errors = parse_parameters(find("get_memory"), {"path": {"memory_id": [text]}})
    assert [error.field for error in errors] == ["path.memory_id"]
    assert errors[0].message.startswith("must be a UUID")


def test_a_uuid_is_taken_in_any_case_and_handed_on_in_lower_case():
    """RFC 9562: written in lower case, read in either."""
    values, _ = parse_parameters(find("get_memory"), {"path": {"memory_id": [UUID.upper()]}})
    assert values == {"memory_id": UUID}
    body = find("create_memory").body.complete({"content": "x", "parent_memory_id": UUID.upper()})
    assert body["parent_memory_id"] == UUID


@pytest.mark.parametrize("text", ["", "a b", "ü", "a\n", "x" * 256])
def test_an_idempotency_key_is_printable_ascii_of_bounded_length(text):
    """The pattern holds for the whole value."""
    _, errors = parse_parameters(find("create_memory"), {"header": {"idempotency-key": [text]}})
    assert {error.field for error in errors} == {"header.Idempotency-Key"}


def test_a_header_is_handed_on_by_its_name_in_the_contract():
    """Names of headers arrive in lower case."""
    values, errors = parse_parameters(
        find("create_memory"), {"header": {"idempotency-key": ["k-1"]}}
    )
    assert (values, errors) == ({"Idempotency-Key": "k-1"}, [])


@pytest.mark.parametrize(
    ("operation", "body", "field", "message"),
    [
        ("create_memory", {}, "body.content", "is required"),
        ("create_memory", {"content": ""}, "body.content", "must have at least 1 character"),
        ("create_memory", {"content": 5}, "body.content", "must be a string, not 5"),
        ("create_memory", {"content": None}, "body.content", "must be a string, not null"),
        ("create_memory", {"content": "x", "teir": "long"}, "body.teir", "is not a known field"),
        (
            "create_memory",
            {"content": "x", "tier": "x" * 99},
            "body.tier",
            "must be one of short, medium, long",
        ),
        ("create_memory", {"content": "x", "metadata": []}, "body.metadata", "must be an object"),
        (
            "create_memory",
            {"content": "x", "importance_score": 2},
            "body.importance_score",
            "must be at most 1, not 2",
        ),
        (
            "create_memory",
            {"content": "x", "importance_score": True},
            "body.importance_score",
            "must be a number, not true",
        ),
        (
            "create_memory",
            {"content": "x", "parent_memory_id": "y"},
            "body.parent_memory_id",
            'must be a UUID, not "y"',
        ),
        ("create_memory", [], "body", "must be an object"),
        ("create_memory", None, "body", "must be an object, not null"),
        ("update_memory", {}, "body", "must have at least 1 field"),
        ("search_memories", {}, "body", "must have query or embedding"),
        ("search_memories", {"query": ""}, "body.query", "must have at least 1 character"),
        (
            "search_memories",
            {"embedding": [0.1]},
            "body.embedding",
            "must have at least 1536 items",
        ),
        (
            "search_memories",
            {"embedding": [0.1] * 1537},
            "body.embedding",
            "must have at most 1536 items",
        ),
        (
            "search_memories",
            {"embedding": ["x"] + [0.1] * 1535},
            "body.embedding.0",
            "must be a number",
        ),
        (
            "search_memories",
            {"query": "x", "limit": 1.5},
            "body.limit",
            "must be an integer, not 1.5",
        ),
        (
            "search_memories",
            {"query": "x", "limit": True},
            "body.limit",
            "must be an integer, not true",
        ),
        ("search_memories", {"query": "x", "limit": 10**400}, "body.limit", "must be at most 100"),
        ("search_memories", {"query": "x", "tags": "a"}, "body.tags", "must be an array"),
        (
            "get_context",
            {"query": "x", "max_tokens": -1},
            "body.max_tokens",
            "must be at least 0, not -1",
        ),
        (
            "create_entity",
            {"name": "x", "type": "person", "aliases": [""]},
            "body.aliases.0",
            "must have at least 1 character",
        ),
    ],
)
def test_bodies_that_break_a_rule_are_named(operation, body, field, message):
    """The error names the field and the rule, and quotes nothing long."""
    errors = find(operation).body.errors(body, "body")
    assert [tuple(error) for error in errors] == [(field, message)]


def test_every_broken_rule_is_named_at_once():
    """One round is enough to learn what is wrong."""
    errors = find("create_memory").body.errors({"tier": "x", "importance_score": -1}, "body")
    assert {error.field for error in errors} == {
        "body.content",
        "body.tier",
        "body.importance_score",
    }


def test_many_broken_rules_are_not_all_told():
    """A vector of wrong items does not make an answer of a thousand sentences."""
    errors = find("search_memories").body.errors({"embedding": ["x"] * 1536}, "body")
    assert len(errors) == 20


def test_defaults_of_bodies_are_filled_in():
    """Also those that stand beside an allOf."""
    assert find("create_memory").body.complete({"content": "x"}) == {
        "content": "x",
        "tier": "short",
        "content_type": "text",
    }
    assert find("search_memories").body.complete({"query": "x", "tier": "long"}) == {
        "query": "x",
        "tier": "long",
        "threshold": 0.7,
        "limit": 20,
    }


def test_what_was_given_is_not_overwritten_by_a_default():
    """Zero and the empty object are values."""
    given = {"query": "x", "max_tokens": 0, "format": "json"}
    assert find("get_context").body.complete(dict(given)) == given


def test_an_integer_written_as_a_decimal_is_an_integer():
    """JSON Schema counts 1.0 as an integer; the service gets an int."""
    body = {"query": "x", "limit": 3.0}
    assert find("search_memories").body.errors(body, "body") == []
    completed = find("search_memories").body.complete(body)
    assert (completed["limit"], type(completed["limit"])) == (3, int)


def test_the_contracts_own_examples_are_accepted(document):
    """Each request example passes the checks that are made from the same contract."""
    for operation in default_contract().operations:
        if operation.body is None:
            continue
        node = document["paths"][operation.path][operation.method.lower()]
        examples = node["requestBody"]["content"]["application/json"]["examples"]
        for reference in examples.values():
            name = reference["$ref"].rpartition("/")[2]
            value = document["components"]["examples"][name]["value"]
            assert operation.body.errors(value, "body") == []
        assert examples, operation.operation_id


def altered(document, change):
    changed = copy.deepcopy(document)
    change(changed)
    return changed


def test_new_query_parameters_of_every_type_are_read(document):
    """A changed contract is enough: no type is written down a second time."""
    schemas = {
        "flag": {"type": "boolean"},
        "names": {"type": "array", "items": {"type": "string"}},
        "numbers": {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
        "since": {"type": "string", "format": "date-time"},
    }
    new = [{"in": "query", "name": name, "schema": schema} for name, schema in schemas.items()]
    contract = Contract(
        altered(document, lambda d: d["paths"]["/tags"]["get"].update(parameters=new))
    )
    query = {
        "flag": ["true"],
        "names": ["1", "b"],
        "numbers": ["1", "2"],
        "since": ["2026-11-02T08:15:00Z"],
    }
    values, errors = parse_parameters(find("list_tags", contract), {"query": query})
    assert errors == []
    assert values == {
        "flag": True,
        "names": ["1", "b"],
        "numbers": [1, 2],
        "since": query["since"][0],
    }
    _, errors = parse_parameters(
        find("list_tags", contract),
        {"query": {"flag": ["1"], "numbers": ["x"], "since": ["today"]}},
    )
    assert [error.field for error in errors] == ["query.flag", "query.numbers.0", "query.since"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["paths"]["/tags"]["get"].update(security=[]),
        lambda d: d["paths"]["/tags"]["get"].update(security=[{"bearerAuth": []}, {}]),
        lambda d: d["paths"]["/tags"]["get"].update(
            parameters=[{"in": "cookie", "name": "x", "schema": {"type": "string"}}]
        ),
        lambda d: d["paths"]["/search"]["post"]["requestBody"]["content"].update(
            {"text/plain": {}}
        ),
    ],
)
def test_a_contract_that_asks_for_what_the_server_can_not_do_is_refused(document, change):
    """The maintainer hears it at the start, not the user in the middle."""
    with pytest.raises(ContractError):
        Contract(altered(document, change))
