"""The SDK and the generated functions share their request builders: both send the same bytes."""

from __future__ import annotations

import string
from importlib import import_module
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos import MemoryOS
from memoryos._protocol import json_codec
from memoryos._protocol.operations import idempotency_argument
from memoryos.exceptions import ServerError
from memoryos_api import AuthenticatedClient, models
from memoryos_api.operations import OPERATIONS
from memoryos_api.types import Request

BASE_URL = "http://memory.test/v1"
KEY = "mos_test_x"
HEADERS = ("authorization", "content-type", "idempotency-key")

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
scalars = st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | texts
objects = st.dictionaries(texts, scalars | st.lists(scalars, max_size=3), max_size=3)


@pytest.fixture(autouse=True, scope="module")
def _one_json_library():
    """Write JSON with the standard library on both sides."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_codec, "orjson", None)
        yield


def values(schema):
    """Values that a schema allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return st.text(string.ascii_letters + string.digits + "-~!$", min_size=1, max_size=9)
    if schema["type"] == "array":
        fewest = schema.get("minItems", 0)
        return values(schema["items"]).map(lambda item: [item] * (fewest or 2))
    least, most = schema.get("minimum", 0), schema.get("maximum", 10**6)
    kinds = {
        "integer": st.integers(least, most),
        "number": st.floats(least, most),
        "boolean": st.just(True),  # noqa: FBT003 - False is not sent
        "object": objects,
        "application/json": objects,
        "uuid": st.uuids().map(str),
        "date-time": st.just("2026-11-02T08:15:00+00:00"),  # as the generated code writes it
    }
    kind = schema.get("contentMediaType") or schema.get("format") or schema["type"]
    return kinds.get(kind, texts)


@st.composite
def arguments_of(draw, operation):
    """The required arguments of an operation and any of the others."""
    drawn = {}
    for name, argument in operation.arguments.items():
        if argument.required or draw(st.booleans()):
            drawn[name] = draw(values(argument.schema))
    if "anyOf" in operation.body_rules and not {"query", "embedding"} & set(drawn):
        drawn["query"] = "tea"
    if operation.body_rules.get("minProperties") and len(drawn) < 2:
        drawn["content"] = "tea"
    return drawn


def json_text(value):
    """Return a value as the SDK writes it."""
    return json_codec.encode(value).decode()


def failure():
    """Return an error as the contract has it."""
    error = {"code": "INTERNAL_ERROR", "message": "It failed", "details": {}}
    return httpx.Response(500, json={"error": error, "meta": {"request_id": "req_1"}})


def sent_by_generated_function(operation, arguments):
    """Return the request that the operation's own `sync_detailed` sends."""
    parameters, body = {}, {}
    for name, value in arguments.items():
        argument = operation.arguments[name]
        if argument.location == "body":
            body[argument.wire_name] = value
        else:
            is_json = "contentMediaType" in argument.schema
            parameters[argument.generated_name] = json_text(value) if is_json else value
    if operation.body is not None:
        parameters["body"] = getattr(models, operation.body).from_dict(body)
    seen = []
    transport = httpx.MockTransport(lambda request: seen.append(request) or failure())
    client = AuthenticatedClient(BASE_URL, KEY, httpx_args={"transport": transport})
    import_module(operation.module).sync_detailed(client=client, **parameters)
    return seen[0]


def sent_by_sdk(operation, arguments):
    """Return the request that the SDK sends."""
    seen = []
    transport = httpx.MockTransport(lambda request: seen.append(request) or failure())
    http_client = httpx.Client(transport=transport)
    session = MemoryOS(KEY, BASE_URL, max_retries=0, http_client=http_client)._session
    features = {argument.feature for argument in operation.arguments.values()}
    session.features.learn(200, {"x-memory-os-features": ",".join(features)})
    with pytest.raises(ServerError):
        session.call(operation, arguments)
    return seen[0]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_the_generated_function_and_the_sdk_send_the_same_request(operation):
    """The same method, path, query, headers and body, whatever the arguments."""

    @settings(max_examples=25, deadline=None)
    @given(arguments=arguments_of(operation))
    def same(arguments):
        if idempotency_argument(operation):
            arguments.setdefault("idempotency_key", "key")
        ours = sent_by_sdk(operation, arguments)
        generated = sent_by_generated_function(operation, arguments)
        assert (ours.method, ours.url.path) == (generated.method, generated.url.path)
        assert query_of(ours) == query_of(generated)
        assert [ours.headers.get(name) for name in HEADERS] == [
            generated.headers.get(name) for name in HEADERS
        ]
        assert ours.content == generated.content

    same()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_change_of_one_built_request_does_not_change_the_next_one(operation):
    """Each request has its own query and headers, empty ones included."""
    build = import_module(operation.module).build_request
    required = [a for a in operation.arguments.values() if a.location == "path"]
    arguments = {argument.generated_name: "id" for argument in required}
    if operation.body is not None:
        arguments["body"] = {}
    first = build(**arguments)
    first.query["stray"] = first.headers["stray"] = "1"
    second = build(**arguments)
    assert "stray" not in second.query
    assert "stray" not in second.headers


def test_the_default_query_and_headers_cannot_be_changed():
    """They are shared by every request that is made without them."""
    request = Request("GET", "/tags")
    with pytest.raises(TypeError):
        request.query["stray"] = 1
    with pytest.raises(TypeError):
        request.headers["stray"] = 1
    assert request.for_httpx() == {"method": "GET", "url": "/tags", "headers": {}}


def query_of(request):
    """Return the fields of a query; `+` and `%20` are the same."""
    return parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)
