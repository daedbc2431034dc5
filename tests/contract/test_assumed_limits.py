"""Assumed limits: the local Memory OS enforces each, and the SDK sends what exceeds it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

import memoryos_api
from memoryos import MemoryOS
from memoryos.exceptions import ValidationError
from memoryos_api.operations import OPERATIONS

pytest.importorskip("memoryos_server", reason="the extra [local] is not installed")

CONTRACT = json.loads((Path(memoryos_api.__file__).parent / "contract.json").read_text("utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
REQUIRED = {
    "create_memory": {"content": "tea"},
    "search_memories": {"query": "tea"},
    "get_context": {"query": "tea"},
    "create_entity": {"name": "Ada", "type": "person"},
}


def follow(node):
    """Return what a node refers to, or itself."""
    while "$ref" in node:
        target = CONTRACT
        for step in node["$ref"][2:].split("/"):
            target = target[step]
        node = target
    return node


def values(keyword, limit):
    """Return a value at a limit and one beyond it."""
    if keyword == "maxLength":
        return "x" * limit, "x" * (limit + 1)
    if keyword == "maxItems":
        return ["x"] * limit, ["x"] * (limit + 1)
    assert keyword == "pattern"
    return "key", "two words"


def as_object(text):
    """Return an object that is as long as the text when it is written as JSON."""
    return {"key": text[len('{"key":""}') :]}


def limits(schema):
    """Yield (keyword, limit, value within, value beyond) of a schema, its items and its keys."""
    schema = follow(schema)
    for keyword in schema.get("x-assumed-limits", []):
        pair = values(keyword, schema[keyword])
        yield keyword, *(map(as_object, pair) if "contentMediaType" in schema else pair)
    for keyword, within, beyond in limits(schema["items"]) if "items" in schema else ():
        yield f"items.{keyword}", [within], [beyond]
    for key, part in schema.get("properties", {}).items():
        for keyword, within, beyond in limits(part):
            yield f"{key}.{keyword}", {key: within}, {key: beyond}


def schemas_of(operation):
    """Yield (argument, schema) of an operation."""
    path = CONTRACT["paths"][operation.path]
    node = path[operation.method.lower()]
    for parameter in map(follow, [*path.get("parameters", []), *node.get("parameters", [])]):
        yield parameter["name"].lower().replace("-", "_"), parameter["schema"]
    yield from SCHEMAS[operation.body]["properties"].items() if operation.body else ()


pytestmark = pytest.mark.local_server

CASES = [
    pytest.param(name, argument, within, beyond, id=f"{name}.{argument}.{keyword}")
    for name, operation in OPERATIONS.items()
    for argument, schema in schemas_of(operation)
    for keyword, within, beyond in limits(schema)
]


@pytest.fixture(scope="module")
def memory():
    with MemoryOS.local(":memory:", embedder="hashing") as memory:
        yield memory


@pytest.mark.off_contract(reason="values beyond the assumed limits")
@pytest.mark.parametrize(("operation", "argument", "within", "beyond"), CASES)
def test_the_server_enforces_a_limit_that_the_sdk_does_not_check(
    operation, argument, within, beyond, memory
):
    arguments = {**REQUIRED.get(operation, {})}
    if operation == "update_memory":
        arguments["memory_id"] = memory.memories.create("tea")["id"]
    if argument == "upsert_within":
        arguments.update(upsert=True, external_id="note")
    call = partial(memory._session.call, OPERATIONS[operation])
    call({**arguments, argument: within})
    with pytest.raises(ValidationError) as raised:
        call({**arguments, argument: beyond})
    assert raised.value.attempts == 1  # 0 if it had been raised before sending
    assert raised.value.status == 400
    (problem,) = raised.value.details["errors"]
    assert argument in problem["field"].lower().replace("-", "_")


def test_there_are_many_assumed_limits():
    assert len(CASES) > 20
    assert {case.id.rpartition(".")[2] for case in CASES} == {"maxLength", "maxItems", "pattern"}


@pytest.mark.parametrize("key", ["", " ", "a\r\nX-Injected: 1", "a\n", "a\x00", "\x7f", "a ", "ü"])
def test_a_header_value_that_http_can_not_carry_is_rejected_before_sending(key, memory):
    """The contract's own rule for the header is an assumed limit, HTTP's own rule is not."""
    with pytest.raises(ValidationError) as raised:
        memory.memories.create("tea", idempotency_key=key)
    assert raised.value.attempts == 0


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_the_operations_table_names_the_limits_without_checking_them(operation):
    for argument, schema in schemas_of(operation):
        entry = operation.arguments[argument]
        own = follow(schema).get("x-assumed-limits", [])
        for keyword in own:
            limit = follow(schema)[keyword]
            assert entry.schema.get(keyword) != limit
            assert str(limit) in entry.local_limits
