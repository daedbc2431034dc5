"""Every operation of the contract: each argument at its limits and beyond, and where it goes.

The cases are made from the contract's own table, so that a new operation is tested as it comes.
"""

from __future__ import annotations

import copy
import json
import math
import re
from urllib.parse import unquote

import pytest

from memoryos._protocol import operations
from memoryos._protocol.calls import Call
from memoryos._protocol.responses import ResponseKind
from memoryos._protocol.settings import resolve_settings
from memoryos.exceptions import ValidationError
from memoryos_api import types
from memoryos_api.operations import OPERATIONS

from ..preparing import prepare

ID = "550e8400-e29b-41d4-a716-446655440000"
TIME = "2026-11-02T08:15:00Z"
SETTINGS = resolve_settings(
    {},
    api_key="mos_test_x",
    base_url="http://memory.test",
    timeout=30,
    max_retries=0,
    headers=None,
    deadline=None,
)
CREATING = [name for name, row in OPERATIONS.items() if "idempotency_key" in row.arguments]


def build(operation_name, /, **arguments):
    """Build an operation; required arguments that are not named get a valid value."""
    operation = OPERATIONS[operation_name]
    given = {
        name: example(argument.schema) if argument.required else None
        for name, argument in operation.arguments.items()
    }
    if operation_name == "search_memories" and not {"query", "embedding"} & set(arguments):
        given["query"] = "coffee"
    if operation_name == "update_memory" and not set(arguments) - {"memory_id"}:
        given["content"] = "tea"
    return operations.build_call(operation, {**given, **arguments})


def example(schema):
    """Return a value that a schema allows."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "uuid":
        return ID
    if "contentMediaType" in schema:
        return {}
    if schema.get("format") == "date-time":
        return TIME
    return {
        "string": "text",
        "integer": 5,
        "number": 0.5,
        "object": {},
        "array": [],
        "boolean": True,
    }[schema["type"]]


LISTED = {
    "boolean": [True],
    "date-time": [TIME, "2026-11-02T09:15:00.123456+01:00"],
    "uuid": [ID, "00000000-0000-0000-0000-000000000000"],
}


def allowed(schema):
    """Return values at the limits of a schema."""
    if schema["type"] in ("integer", "number"):
        return [schema.get("minimum", 0), schema.get("maximum", 10**12)]
    if schema["type"] == "array":
        fewest = schema.get("minItems", 0)
        least, most = (
            [example(schema["items"])] * fewest,
            [example(schema["items"])] * (fewest or 9),
        )
        return [least, most, tuple(most)]
    if schema["type"] == "object" or "contentMediaType" in schema:
        return [{}, {"a": [1, {"b": None}], "": "é😀"}]
    listed = LISTED.get(schema.get("format", schema["type"]), schema.get("enum"))
    if listed:
        return listed
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 20_000)
    any_text = "pattern" not in schema or "x-pattern-rule" in schema
    return ["x" * shortest, "x" * longest] + (["é😀 \n\t\x00", "\u200b \x1f"] if any_text else [])


INVISIBLE = [
    *(
        " ",
        "\t\r\n\x0b\x0c",
        "\x85",
        "\xa0",
        "\u1680",
        "\u2003",
        "\u2028\u2029",
        "\u202f",
        "\u3000",
    ),
    *("\xad", "\u180e", "\u200b", "\u200e\u200f", "\u2060", "\u2066\u2069", "\ufeff", "\ufff9"),
    *("\U0001d173", "\U000e0001\U000e0041\U000e007f", " \u200b\xa0\ufeff\n" * 100),
]


def refused(schema):
    """Return values just beyond the limits of a schema, and of other types."""
    values = [object()]
    if schema["type"] in ("integer", "number"):
        step = 1 if schema["type"] == "integer" else 0.001
        limits = [("minimum", -step), ("maximum", step)]
        values += [schema[limit] + beyond for limit, beyond in limits if limit in schema]
        values += [True, "5", math.nan, math.inf, -math.inf, [1]]
        values += [1.0] if schema["type"] == "integer" else [10**400]
    elif schema["type"] == "array":
        item = example(schema["items"])
        values += ["text", b"bytes", {"a": 1}, 5, [item] * schema.get("minItems", 0) + [object()]]
        values += [[item] * (schema[limit] + 1) for limit in ("maxItems",) if limit in schema]
        values += [[item] * (schema[limit] - 1) for limit in ("minItems",) if limit in schema]
    elif schema["type"] == "object" or "contentMediaType" in schema:
        values += [[], "text", 5, [("a", 1)]]
    elif schema["type"] == "boolean":
        values += [5, 0, 0.5, "true", [True]]
    else:
        values += [5, 0.5, True, b"text", ["text"], {"text"}, "lone \ud800"]
        values += [""] if {"minLength", "enum", "format"} & set(schema) else []
        values += ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
    if "enum" in schema:
        values += ["unknown", schema["enum"][0].upper(), schema["enum"][0] + " "]
    if schema.get("format") == "uuid":
        values += ["..", ID + "\n", " " + ID, ID + "0", ID[:-1], f"{{{ID}}}", ID.replace("-", "")]
    if "x-pattern-rule" in schema:
        values += INVISIBLE
    elif "pattern" in schema:
        values += [" a", "é", "a\n", "a\r\nX-Injected: 1", "\x7f"]
    if schema.get("format") == "date-time":
        values += ["", "now", TIME[:-1], TIME[:10], "2026-02-30T00:00:00Z", TIME + "\n"]
    return values


def cases(values_of):
    """Return one case for each value of each argument of each operation."""
    return [
        pytest.param(name, argument, value, id=f"{name}-{argument.name}-{position}")
        for name, row in OPERATIONS.items()
        for argument in row.arguments.values()
        for position, value in enumerate(values_of(argument.schema))
    ]


def sent(operation, argument):
    """Return what an operation sends for an argument, where the contract wants it."""
    if argument.location == "path":
        return unquote(operation.path.rsplit("/", 1)[1])
    if argument.location == "query":
        return operation.query[argument.wire_name]
    if argument.location == "header":
        return operation.headers[argument.wire_name.lower()]
    return json.loads(operation.content)[argument.wire_name]


@pytest.mark.parametrize(("name", "argument", "value"), cases(allowed))
def test_a_value_at_its_limits_is_sent_where_it_belongs(name, argument, value):
    """Path, query, header or body: by the wire's name, and unchanged."""
    operation = build(name, **{argument.name: value})
    expected = list(value) if isinstance(value, tuple) else value
    if "contentMediaType" in argument.schema:
        expected = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    assert sent(operation, argument) == expected


@pytest.mark.parametrize(
    ("name", "argument"),
    [("list_memories", "offset"), ("get_context", "max_tokens"), ("list_tags", "limit")],
)
def test_a_number_with_more_digits_than_python_writes_is_refused_by_name(name, argument):
    """Where the contract has no maximum too."""
    with pytest.raises(ValidationError) as raised:
        build(name, **{argument: 10**5000})
    assert raised.value.details["argument"] == argument


def test_such_a_number_in_a_filter_is_refused_by_name():
    """In the query, where metadata are text."""
    with pytest.raises(ValidationError, match="metadata must not contain integers with too many"):
        build("list_memories", metadata={"n": 10**5000})


@pytest.mark.parametrize("digits", [600, 640, 4000])
def test_a_number_that_python_writes_is_sent(digits):
    """Its size alone is no reason to reject it."""
    assert build("list_memories", offset=10**digits - 1).query["offset"] == 10**digits - 1


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_a_path_parameter_that_names_another_resource_is_refused_by_name(segment):
    """Also where the contract takes any string; others are escaped."""
    get = OPERATIONS["get_memory"]
    plain = {"memory_id": get.arguments["memory_id"]._replace(schema={"type": "string"})}
    operation = copy.copy(get)
    operation.arguments = plain
    with pytest.raises(ValidationError, match="memory_id must not be") as raised:
        operations.build_call(operation, {"memory_id": segment})
    assert raised.value.details["argument"] == "memory_id"
    call = operations.build_call(operation, {"memory_id": f"{segment}/x"})
    assert call.path == f"/memories/{segment}%2Fx"


class ShownOtherwise:
    """A value whose text is not the value's."""

    __slots__ = ()

    def __str__(self):
        return "other"

    __repr__ = __str__


class OwnText(ShownOtherwise, str):
    __slots__ = ()


class OwnInteger(ShownOtherwise, int):
    pass


class OwnNumber(ShownOtherwise, float):
    pass


@pytest.mark.parametrize(
    ("value", "plain"), [(OwnText("a"), "a"), (OwnInteger(5), 5), (OwnNumber(0.5), 0.5)]
)
def test_a_value_of_a_subclass_is_sent_as_the_value(value, plain):
    """Its class may have a `__str__` of its own, as enumerations do."""
    (sent_value,) = types.given({"x": value}).values()
    assert (type(sent_value), sent_value) == (type(plain), plain)
    (sent_list,) = types.given({"x": [value]}).values()
    assert (type(sent_list[0]), sent_list) == (type(plain), [plain])
    assert types.path_segment("x", value) == types.text(value) == str(plain)
    assert (
        prepare(
            Call("", "GET", "/x", types.given({"x": value}), {}, None, ResponseKind.ITEM, ""),
            SETTINGS,
        ).target
        == f"/x?x={plain}"
    )


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/memories/x", "get_memory"),
        ("GET", "/memories", "list_memories"),
        ("GET", "/memories/", None),
        ("HEAD", "/memories", None),
        ("GET", "/memories/x/", None),
    ],
)
def test_an_operation_is_found_by_its_method_and_path(method, path, name):
    """A path parameter has a value: an empty segment is another path."""
    found = operations.operation_at(method, path)
    assert (found and found.name) == name


@pytest.mark.parametrize(("name", "argument", "value"), cases(refused))
def test_a_value_beyond_its_limits_is_refused_by_name(name, argument, value):
    """The error names the argument, the rule and the value."""
    with pytest.raises(ValidationError) as raised:
        build(name, **{argument.name: value})
    error = raised.value
    assert (error.code, error.status, error.attempts) == ("VALIDATION_ERROR", 400, 0)
    named = re.sub(r"[\[.].*", "", error.details["argument"])
    assert named == argument.name
    assert error.message.startswith(f"{error.details['argument']} {error.details['rule']}; got ")
    assert len(error.message) < 300


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_a_name_of_its_own(name):
    """A method refers to it by that name, which has its types."""
    assert getattr(operations, name) is OPERATIONS[name]


def test_names_that_are_no_arguments_are_ignored():
    """A method passes its `locals()`, with `self` in it."""
    call = operations.build_call(operations.get_memory, {"self": object(), "memory_id": ID})
    assert call.path == f"/memories/{ID}"


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        (name, argument.name)
        for name, row in OPERATIONS.items()
        for argument in row.arguments.values()
        if argument.required
    ],
)
def test_a_required_argument_can_not_be_none(name, argument):
    """None means that it was left out."""
    with pytest.raises(ValidationError, match=f"^{argument} must be given"):
        build(name, **{argument: None})


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_argument_that_is_none_is_not_sent(name):
    """The body holds what is required, the query the contract's defaults, and nothing else."""
    operation, row = build(name), OPERATIONS[name]
    body = json.loads(operation.content) if operation.content else {}
    required = {a.wire_name for a in row.arguments.values() if a.required and a.location == "body"}
    assert required <= set(body) <= required | {"query", "content"}
    assert operation.query == {
        argument.wire_name: argument.default
        for argument in row.arguments.values()
        if argument.location == "query" and argument.default is not None
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_the_contracts_method_and_path(name):
    """Where it is sent to comes from the contract."""
    operation, row = build(name), OPERATIONS[name]
    assert (operation.name, operation.method) == (name, row.method)
    assert operation.path == row.path.replace("{memory_id}", ID)
    assert (operation.content is not None) == (row.body is not None)
    assert (operation.response_kind is ResponseKind.PAGE) == row.response.endswith("Page")
    assert (operation.response_kind is ResponseKind.DELETION) == (row.method == "DELETE")


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_shows_none_of_its_content(name):
    """What people have remembered does not end in a traceback."""
    operation = build(name)
    assert repr(operation) == f"Call({name}, {operation.method} {operation.path})"


@pytest.mark.parametrize("name", CREATING)
def test_a_creation_gets_a_key_of_its_own(name):
    """Two creations never share an idempotency key."""
    keys = {build(name).headers["idempotency-key"] for _ in range(20)}
    assert len(keys) == 20
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - set(CREATING)))
def test_only_a_creation_carries_an_idempotency_key(name):
    """The others can be repeated as they are."""
    assert build(name).headers == {}


def test_the_creating_operations_are_known():
    """The two that the contract gives an Idempotency-Key."""
    assert CREATING == ["create_memory", "create_entity"]


def test_a_search_needs_a_query_or_an_embedding():
    """The one rule that binds two arguments; the error names both."""
    with pytest.raises(ValidationError, match="query or embedding must be given"):
        build("search_memories", query=None, embedding=None)


def test_a_search_may_have_both():
    """The service decides what it makes of them."""
    operation = build("search_memories", query="coffee", embedding=[0.5] * 1536)
    assert {"query", "embedding"} <= set(json.loads(operation.content))


def test_an_update_needs_something_to_change():
    """An empty PATCH is a mistake; the error names what can be changed."""
    with pytest.raises(ValidationError, match=r"content.*importance_score.*must be given"):
        build("update_memory", content=None)
    with pytest.raises(ValidationError, match="must be given"):
        operations.build_call(operations.update_memory, {"memory_id": ID})


def test_an_update_may_empty_the_metadata():
    """An empty dict is a value, not the absence of one."""
    assert json.loads(build("update_memory", metadata={}).content) == {"metadata": {}}


def test_zero_and_empty_are_sent():
    """Only None is left out."""
    body = json.loads(build("search_memories", threshold=0, tags=[], entities=[]).content)
    assert (body["threshold"], body["tags"], body["entities"]) == (0, [], [])


@pytest.mark.parametrize(
    "key", ["additional_properties", "to_dict", "from_dict", "content", "__class__", "a.b", "ключ"]
)
def test_any_key_of_the_metadata_is_sent(key):
    """None of them means anything to the generated models on the way."""
    body = json.loads(build("create_memory", metadata={key: {key: None}}).content)
    assert body["metadata"] == {key: {key: None}}


def test_text_is_sent_as_utf_8():
    """Not as escapes, which would make most of the world's text several times as long."""
    assert "日本語 é 😀".encode() in build("create_memory", content="日本語 é 😀").content
