"""The generated operations and models, alone: requests, answers, and answers that are odd."""

from __future__ import annotations

import importlib
import inspect
import json
import pickle
from pathlib import Path

import httpx
import pytest

import memoryos_api
from memoryos_api import AuthenticatedClient, models
from memoryos_api.errors import UnexpectedBody, UnexpectedStatus
from memoryos_api.operations import OPERATIONS
from memoryos_api.types import UNSET

PACKAGE = Path(memoryos_api.__file__).parent
CONTRACT = json.loads((PACKAGE / "contract.json").read_text(encoding="utf-8"))
KEY = "mos_test_" + "s" * 32
BASE_URL = "https://api.example.org/v1"
MEMORY_ID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
EVERY_OPERATION = [
    pytest.param(operation, id=name) for name, operation in sorted(OPERATIONS.items())
]


def example(name):
    """The value of one of the contract's examples."""
    return CONTRACT["components"]["examples"][name]["value"]


def model(name):
    """One of the generated models, by its schema's name."""
    return getattr(models, name)


def module_of(operation):
    """The generated module of an operation."""
    return importlib.import_module(operation.module)


def client_answering(status, *, seen=None, **answer):
    """A client whose every request gets the same answer, without a socket."""

    def handle(request):
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, **answer)

    transport = httpx.MockTransport(handle)
    return AuthenticatedClient(BASE_URL, KEY, httpx_args={"transport": transport})


def arguments_for(operation):
    """What the generated functions of an operation need to be called."""
    arguments = {}
    if any(argument.location == "path" for argument in operation.arguments.values()):
        arguments["memory_id"] = MEMORY_ID
    if operation.body:
        arguments["body"] = model(operation.body).from_dict(example(operation.body))
    return arguments


def answer_example(operation):
    """The contract's example of an operation's answer."""
    path = CONTRACT["paths"][operation.path][operation.method.lower()]
    name = path["responses"]["200"]["$ref"].rpartition("/")[2]
    return example(name)


def as_times(value):
    """JSON with `Z` written as the models write it."""
    return json.loads(json.dumps(value).replace('00Z"', '00+00:00"'))


@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_each_operation_has_its_module_with_the_functions_that_the_sdk_uses(operation):
    module = module_of(operation)
    for name in ("build_request", "sync_detailed", "sync", "asyncio_detailed", "asyncio"):
        assert callable(getattr(module, name)), name


@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_the_table_names_the_arguments_of_the_generated_functions(operation):
    expected = {
        "body" if argument.location == "body" else argument.generated_name
        for argument in operation.arguments.values()
    }
    assert set(inspect.signature(module_of(operation).build_request).parameters) == expected


@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_each_operation_sends_its_method_path_and_body(operation):
    seen = []
    client = client_answering(200, seen=seen, json=answer_example(operation))
    with client:
        module_of(operation).sync_detailed(client=client, **arguments_for(operation))
    request = seen[0]
    assert request.method == operation.method
    assert request.url.path == "/v1" + operation.path.replace("{memory_id}", MEMORY_ID)
    assert request.headers["authorization"] == f"Bearer {KEY}"
    if operation.body:
        sent = json.loads(request.content)
        assert {key: sent[key] for key in example(operation.body)} == example(operation.body)


@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_each_example_answer_is_read_and_written_back_without_loss(operation):
    answer = answer_example(operation)
    with client_answering(200, json=answer) as client:
        response = module_of(operation).sync_detailed(client=client, **arguments_for(operation))
    assert type(response.parsed).__name__ == operation.response
    assert as_times(response.parsed.to_dict()) == as_times(answer)


@pytest.mark.anyio
@pytest.mark.parametrize("operation", EVERY_OPERATION)
async def test_the_asynchronous_functions_give_what_the_synchronous_ones_give(operation):
    answer = answer_example(operation)
    async with client_answering(200, json=answer) as client:
        response = await module_of(operation).asyncio_detailed(
            client=client, **arguments_for(operation)
        )
        parsed = await module_of(operation).asyncio(client=client, **arguments_for(operation))
    with client_answering(200, json=answer) as client:
        assert module_of(operation).sync(client=client, **arguments_for(operation)) == parsed
    assert response.parsed == parsed


@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_each_documented_error_is_read_into_its_envelope(operation):
    cases = [(status, code) for status, codes in operation.errors.items() for code in codes]
    assert len(cases) > len(operation.errors)
    for status, code in cases:
        body = {"error": {"code": code, "message": "No"}, "meta": {"request_id": "req_1"}}
        with client_answering(status, json=body) as client:
            response = module_of(operation).sync_detailed(client=client, **arguments_for(operation))
        assert (response.status_code, response.parsed.error.code) == (status, code)


def get_memory(client, **arguments):
    """Call the generated function with its details."""
    from memoryos_api.api.memories import get_memory as module

    return module.sync_detailed(arguments.get("memory_id", MEMORY_ID), client=client)


def test_a_status_that_nobody_documented_is_an_answer_like_any_other():
    with client_answering(520, content=b"origin down", headers={"x-ray": "1"}) as client:
        response = get_memory(client)
    assert (response.status_code, response.content, response.parsed) == (520, b"origin down", None)
    assert response.headers["X-Ray"] == "1"


@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize("body", [b"<html>", b"", b"null", b"[1]", b'"text"', b"\xff", b"[" * 9999])
def test_a_body_that_is_not_the_contracts_is_kept_as_bytes(status, body):
    with client_answering(status, content=body) as client:
        response = get_memory(client)
    assert (response.status_code, response.content, response.parsed) == (status, body, None)


def test_a_strict_client_says_that_the_status_is_unknown_and_keeps_the_body_out_of_the_message():
    client = client_answering(520, content=b"a private memory")
    client.raise_on_unexpected_status = True
    with client, pytest.raises(UnexpectedStatus, match="520") as caught:
        get_memory(client)
    assert caught.value.content == b"a private memory"
    assert "private" not in str(caught.value)


def test_a_strict_client_says_that_the_body_is_unreadable():
    client = client_answering(200, content=b"<html>")
    client.raise_on_unexpected_status = True
    with client, pytest.raises(UnexpectedBody, match="200") as caught:
        get_memory(client)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("name", ["authorization", "X-Team", "x-TEAM"])
def test_a_header_replaces_one_of_the_same_name_in_any_case(name):
    """One value of each is sent, and the key's is the client's."""
    client = AuthenticatedClient("http://memory.test", "k", headers={"x-team": "a", "X-B": "b"})
    headers = client.with_headers({name: "c"}).get_httpx_client().headers
    assert headers.get_list("authorization") == ["Bearer k"]
    assert headers.get_list("x-team") == ["a" if name == "authorization" else "c"]
    assert headers.get_list("x-b") == ["b"]
    assert client.get_httpx_client().headers["x-team"] == "a"


def test_a_deletion_without_a_body_has_no_model():
    from memoryos_api.api.memories import delete_memory

    with client_answering(204) as client:
        response = delete_memory.sync_detailed(MEMORY_ID, client=client)
    assert (response.status_code, response.parsed) == (204, None)


def test_the_check_of_an_enum_takes_a_value_that_it_does_not_know():
    from memoryos_api.models.tier import check_tier

    assert check_tier("eternal") == "eternal"


def test_unknown_enum_values_and_unknown_keys_are_kept():
    memory = {**example("Memory")["data"], "tier": "eternal", "memory_nature": "odd", "mood": 1}
    read = model("Memory").from_dict(memory)
    assert (read.tier, read.memory_nature, read["mood"]) == ("eternal", "odd", 1)
    assert as_times(read.to_dict()) == as_times(memory)


@pytest.mark.parametrize("name", sorted(example("Memory")["data"]))
def test_a_missing_field_is_unset_and_is_not_written_back(name):
    memory = {key: value for key, value in example("Memory")["data"].items() if key != name}
    read = model("Memory").from_dict(memory)
    assert getattr(read, name) is UNSET
    assert as_times(read.to_dict()) == as_times(memory)


def test_an_empty_answer_reads_as_a_model_of_unset_fields():
    envelope = model("SearchEnvelope").from_dict({})
    assert envelope.data is UNSET
    assert envelope.to_dict() == {}


@pytest.mark.parametrize("value", [None, 7, "soon", ["x"], {"a": 1}])
@pytest.mark.parametrize("name", ["id", "tier", "created_at", "expires_at", "pii_fields"])
def test_a_value_of_another_type_stays_as_it_came(name, value):
    memory = {**example("Memory")["data"], name: value}
    assert model("Memory").from_dict(memory).to_dict()[name] == value


@pytest.mark.parametrize(
    "text",
    ["2026-11-02T08:15:00Z", "2026-11-02T08:15:00.123456Z", "2026-11-02T10:15:00.5+02:00"],
)
def test_times_are_read_with_their_zone_on_every_python(text):
    read = model("Memory").from_dict({**example("Memory")["data"], "created_at": text})
    assert (read.created_at.year, read.created_at.minute) == (2026, 15)
    assert read.created_at.utcoffset() is not None


@pytest.mark.parametrize(
    "memory_id",
    [
        "../tags",
        "a/b",
        "a?b=c",
        "a#b",
        "%2e%2e",
        "%2E",
        "..%2ftags",
        "a\\b",
        "a b",
        "é",
        ";x",
        "...",
    ],
)
def test_a_path_parameter_can_not_leave_its_segment(memory_id):
    seen = []
    with client_answering(404, seen=seen) as client:
        get_memory(client, memory_id=memory_id)
    prefix, segment = seen[0].url.raw_path.decode("ascii").split("/memories/")
    assert prefix == "/v1"
    assert not set("/?#\\ ") & set(segment)
    assert segment.lower() not in (".", "..", "%2e", "%2e%2e")


@pytest.mark.parametrize("memory_id", ["", ".", ".."])
def test_a_path_parameter_that_no_escape_holds_is_refused(memory_id):
    seen = []
    with client_answering(404, seen=seen) as client, pytest.raises(ValueError, match="memory_id"):
        get_memory(client, memory_id=memory_id)
    assert seen == []
