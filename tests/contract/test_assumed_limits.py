"""Assumed limits: the local Memory OS enforces each, and the SDK sends what exceeds it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import memoryos_api
from memoryos import MemoryOS
from memoryos.exceptions import ValidationError
from memoryos_api.operations import OPERATIONS

pytest.importorskip("memoryos_server", reason="the extra [local] is not installed")

CONTRACT = json.loads((Path(memoryos_api.__file__).parent / "contract.json").read_text("utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
CALLS = {
    "create_memory": lambda memory: memory.memories.create,
    "update_memory": lambda memory: memory.memories.update,
    "search_memories": lambda memory: memory.search,
    "get_context": lambda memory: memory.get_context,
    "list_tags": lambda memory: memory.tags.list,
    "list_entities": lambda memory: memory.entities.list,
    "create_entity": lambda memory: memory.entities.create,
}
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


def limits(schema):
    """Yield (keyword, limit, value within, value beyond) of a schema, its items and its keys."""
    schema = follow(schema)
    for keyword in schema.get("x-assumed-limits", []):
        yield keyword, *values(keyword, schema[keyword])
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
    call = CALLS[operation](memory)
    call(**{**arguments, argument: within})
    with pytest.raises(ValidationError) as raised:
        call(**{**arguments, argument: beyond})
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
