"""`low_level`: the generated functions, with everything that a call of the SDK promises."""

from __future__ import annotations

import json
import logging
from importlib import import_module

import httpx
import pytest

from memoryos import AsyncMemoryOS, MemoryOS, __version__
from memoryos._protocol import json_nesting
from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    InvalidResponseError,
    ServerError,
)
from memoryos_api import AuthenticatedClient, models
from memoryos_api.api.memories import create_memory, delete_memory, get_memory, list_memories
from memoryos_api.errors import UnexpectedBody, UnexpectedStatus
from memoryos_api.operations import OPERATIONS

from . import contract_answers as answers
from .low_level_calls import BODY, ID, call

pytestmark = pytest.mark.anyio

UNAVAILABLE = {"error": {"code": "UNAVAILABLE", "message": "No"}, "meta": {"request_id": "r"}}


def arguments_for(operation):
    """Return what the generated functions of an operation need."""
    paths = [a.generated_name for a in operation.arguments.values() if a.location == "path"]
    arguments = dict.fromkeys(paths, ID)
    if operation.body is not None:
        example = answers.example(operation.body)
        arguments["body"] = getattr(models, operation.body).from_dict(example)
    return arguments


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_every_operation_is_sent_as_the_sdk_sends_it_and_returns_its_model(api, operation):
    """With the key, the SDK's name, the client's headers; an idempotency key if it takes one."""
    api.router.route().respond(200, json=answers.success_of(operation.name))
    client = api.client(headers={"X-Team": "blue"})
    module = import_module(operation.module)
    response = await call(api, module, client.low_level, **arguments_for(operation))
    assert (response.status_code, type(response.parsed).__name__) == (200, operation.response)
    sent = api.router.calls.last.request
    assert sent.method == operation.method
    assert sent.url.path == "/v1" + operation.path.replace("{memory_id}", ID)
    assert sent.headers["authorization"] == f"Bearer {api.key}"
    assert sent.headers["user-agent"] == f"memoryos-python/{__version__}"
    assert sent.headers["accept"] == "application/json"
    assert sent.headers["x-team"] == "blue"
    assert ("idempotency-key" in sent.headers) is ("idempotency_key" in operation.arguments)
    assert sent.headers.get("content-type") == ("application/json" if operation.body else None)


async def test_the_arguments_are_sent(api):
    """Query and body, in any characters."""
    api.router.route().respond(200, json=answers.example("TagPage"))
    module = import_module(OPERATIONS["list_tags"].module)
    await call(api, module, api.client().low_level, search="a&b=ü c", limit=2)
    sent = dict(api.router.calls.last.request.url.params)
    assert (sent["search"], sent["limit"]) == ("a&b=ü c", "2")
    api.router.route().respond(200, json=answers.example("Memory"))
    await call(api, create_memory, api.client().low_level, body=models.MemoryCreate("é😀"))
    assert json.loads(api.router.calls.last.request.content)["content"] == "é😀"


@pytest.mark.parametrize("given", [None, "my-key"])
async def test_a_creation_is_repeated_under_one_idempotency_key(api, given):
    """The caller's own, or one made for the call."""
    replies = [httpx.Response(503, json=UNAVAILABLE)] * 2
    replies += [httpx.Response(201, json=answers.example("Memory"))]
    api.router.route().mock(side_effect=replies)
    own = {} if given is None else {"idempotency_key": given}
    response = await call(api, create_memory, api.client().low_level, body=BODY, **own)
    assert response.status_code == 201
    keys = {sent.request.headers["idempotency-key"] for sent in api.router.calls}
    assert len(keys) == 1
    assert given in (None, *keys)
    assert api.waits == [0.5, 1.0]


async def test_two_creations_have_two_idempotency_keys(api):
    """Also through the same low-level client."""
    api.router.route().respond(201, json=answers.example("Memory"))
    low_level = api.client().low_level
    for _ in range(2):
        await call(api, create_memory, low_level, body=BODY)
    keys = {sent.request.headers["idempotency-key"] for sent in api.router.calls}
    assert len(keys) == 2


async def test_an_http_error_is_returned_as_its_model_after_the_retries(api):
    """As the generated functions document it."""
    headers = {"Retry-After": "2"}
    api.router.route().respond(503, json=UNAVAILABLE, headers=headers)
    response = await call(api, list_memories, api.client(max_retries=2).low_level)
    assert response.status_code == 503
    assert response.parsed.error.code == "UNAVAILABLE"
    assert response.headers["retry-after"] == "2"
    assert api.waits == [2, 2]
    assert api.router.calls.call_count == 3


@pytest.mark.off_contract(reason="an undocumented status")
async def test_an_undocumented_status_is_never_taken_for_an_empty_result(api):
    """It raises, instead of returning None."""
    api.router.route().respond(418, text="a teapot")
    with pytest.raises(UnexpectedStatus, match="418"):
        await call(api, list_memories, api.client().low_level)


@pytest.mark.off_contract(reason="a body that is nested without end")
async def test_an_http_error_that_is_nested_without_end_is_unexpected(api, monkeypatch):
    """On an old Python, the decoder must not come near the recursion limit."""
    monkeypatch.setattr(json_nesting, "_MAY_ABORT", True)
    api.router.route().respond(404, content=b"[" * 100_000)
    with pytest.raises(UnexpectedBody) as raised:
        await call(api, get_memory, api.client().low_level, memory_id=ID)
    assert str(raised.value.__cause__).endswith(f"more than {json_nesting.MAX_DEPTH} deep")


@pytest.mark.off_contract(reason="responses that are not the contract's")
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), APIConnectionError),
        (httpx.ReadTimeout("slow"), APITimeoutError),
        (httpx.Response(200, text="<html>"), InvalidResponseError),
        (httpx.Response(200, text='{"data": ['), InvalidResponseError),
        (httpx.Response(302, headers={"Location": "/"}), InvalidResponseError),
    ],
)
async def test_no_usable_response_is_an_error_of_the_sdk(api, failure, error):
    """After the retries, with the number of attempts."""
    api.router.route().mock(side_effect=[failure] * 2)
    client = api.client(max_retries=1, http_client=api.http_client())
    with pytest.raises(error) as raised:
        await call(api, list_memories, client.low_level)
    assert raised.value.attempts == api.router.calls.call_count
    assert (raised.value.method, raised.value.path) == ("GET", "/memories")


async def test_a_deletion_whose_response_was_lost_succeeds(api):
    """The second attempt finds nothing: the first one deleted it."""
    missing = {"error": {"code": "NOT_FOUND", "message": "No"}, "meta": {"request_id": "r"}}
    replies = [httpx.ReadError("broken"), httpx.Response(404, json=missing)]
    api.router.route().mock(side_effect=replies)
    client = api.client(http_client=api.http_client())
    response = await call(api, delete_memory, client.low_level, memory_id=ID)
    assert (response.status_code, response.parsed.data.deleted) == (200, True)


async def test_a_closed_client_sends_nothing(api):
    """The same error as the SDK's own methods raise."""
    client = api.client()
    low_level = client.low_level
    await api.done(client.close())
    with pytest.raises(APIConnectionError, match="closed") as raised:
        await call(api, list_memories, low_level)
    assert raised.value.code == "CLIENT_CLOSED"
    assert api.router.calls.call_count == 0


async def test_the_deadline_bounds_the_call(api):
    """Waits included."""
    api.router.route().respond(503, json=UNAVAILABLE)
    response = await call(api, list_memories, api.client(deadline=1).low_level)
    assert response.status_code == 503
    assert api.waits == [0.5]


async def test_the_key_is_not_in_the_low_level_client(api):
    """It is added when a request is sent: so it can't be shown or copied."""
    low_level = api.client(headers={"X-Token": "mos_other"}).low_level
    assert isinstance(low_level, AuthenticatedClient)
    httpx_client = low_level.get_httpx_client()
    assert api.key not in f"{low_level!r} {low_level.token} {httpx_client.headers}"
    assert "mos_other" not in repr(low_level)


async def test_a_copy_with_other_settings_keeps_the_promises(api):
    """The key, the retries and the connections; with another header or timeout."""
    api.router.route().respond(503, json=UNAVAILABLE)
    copy = api.client(max_retries=1).low_level.with_headers({"X-Trace": "t"}).with_timeout(7)
    response = await call(api, list_memories, copy)
    assert response.status_code == 503
    assert api.router.calls.call_count == 2
    sent = api.router.calls.last.request
    assert (sent.headers["x-trace"], sent.headers["authorization"]) == ("t", f"Bearer {api.key}")


@pytest.mark.parametrize("timeout", [7, None])
async def test_its_timeout_bounds_an_attempt(api, monkeypatch, timeout):
    """Without one, the client's own does: it never waits for ever."""
    client = api.client(timeout=3)
    seen = []
    monkeypatch.setattr(
        client._session.transport, "send", lambda _request, seconds: seen.append(seconds) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        await call(api, list_memories, client.low_level.with_timeout(timeout))
    assert seen == [timeout or 3]


async def test_the_functions_of_the_other_kind_say_which_to_call(api):
    """Nothing is sent past the client's own connections."""
    low_level = api.client().low_level
    if api.is_async:
        with pytest.raises(TypeError, match=r"of AsyncMemoryOS: call asyncio\(\)"):
            list_memories.sync(client=low_level)
    else:
        with pytest.raises(TypeError, match=r"of MemoryOS: call sync\(\)"):
            await list_memories.asyncio(client=low_level)


async def test_observers_see_the_call(api, caplog):
    """Logging, and so tracing: also that it failed."""
    caplog.set_level(logging.INFO, logger="memoryos")
    api.router.route().respond(503, json=UNAVAILABLE)
    await call(api, list_memories, api.client(max_retries=1).low_level)
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("GET /memories 503 UNAVAILABLE")
    assert "2 attempts" in line


async def test_other_options_apply(api):
    """Those of `with_options` to its own low-level client."""
    api.router.route().respond(503, json=UNAVAILABLE)
    await call(api, list_memories, api.client().with_options(max_retries=0).low_level)
    assert api.router.calls.call_count == 1


@pytest.mark.local_server
def test_a_local_memory_os_is_called_in_the_same_way():
    """In this process, without a key or a network."""
    with MemoryOS.local(":memory:", embedder="none") as memory:
        created = create_memory.sync(client=memory.low_level, body=BODY)
        listed = list_memories.sync(client=memory.low_level, limit=2)
        missing = get_memory.sync(ID, client=memory.low_level)
        assert [item.id for item in listed.data] == [created.data.id]
        assert missing.error.code == "NOT_FOUND"


@pytest.mark.local_server
async def test_a_local_memory_os_is_called_asynchronously():
    """By the asynchronous client."""
    async with AsyncMemoryOS.local(":memory:", embedder="none") as memory:
        await create_memory.asyncio(client=memory.low_level, body=BODY)
        listed = await list_memories.asyncio(client=memory.low_level, limit=2)
        assert [item.content for item in listed.data] == ["tea"]


async def test_an_error_of_the_sdk_is_not_swallowed(api, monkeypatch):
    """Only a complete response with an HTTP error is returned in place of the error."""
    api.router.route().respond(503, json=UNAVAILABLE)
    client = api.client(max_retries=0)

    def failing(*_arguments, **_settings):
        raise ServerError("X", "y", 500)

    monkeypatch.setattr(client._session, "send", failing)
    with pytest.raises(ServerError, match="y"):
        await call(api, list_memories, client.low_level)
