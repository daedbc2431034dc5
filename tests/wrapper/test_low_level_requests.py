"""Requests of the low-level client that the contract doesn't have, and where they may go."""

from __future__ import annotations

import gzip
import json
import os
from importlib import import_module

import httpx
import pytest
import respx

from memoryos.exceptions import (
    APIConnectionError,
    InvalidResponseError,
)
from memoryos_api.api.memories import list_memories
from memoryos_api.operations import OPERATIONS

from . import contract_answers as answers
from .low_level_calls import CheckingTransport, call, send

pytestmark = pytest.mark.anyio


@pytest.mark.off_contract(reason="an operation that the contract does not have")
async def test_an_operation_that_the_contract_does_not_have_is_sent_too(api):
    """With the key and the retries; its response is returned as it came."""
    replies = [httpx.Response(503, text="soon"), httpx.Response(200, json=["archived"])]
    api.router.route().mock(side_effect=replies)
    low_level = api.client().low_level
    if api.is_async:
        response = await low_level.get_async_httpx_client().post("/archive?all=1", json={"a": 1})
    else:
        response = low_level.get_httpx_client().post("/archive?all=1", json={"a": 1})
    assert response.json() == ["archived"]
    sent = api.router.calls.last.request
    assert sent.url.path == "/v1/archive"
    assert dict(sent.url.params) == {"all": "1"}
    assert sent.headers["authorization"] == f"Bearer {api.key}"
    assert json.loads(sent.content) == {"a": 1}


@pytest.mark.parametrize(
    "url",
    ["http://elsewhere.test/v1/memories", "http://memory.test/v2/x", "http://memory.test/v1x"],
)
async def test_the_key_is_sent_to_the_clients_own_address_only(api, url):
    """Not to another host, nor below another path."""
    low_level = api.client().low_level

    async def get():
        if api.is_async:
            return await low_level.get_async_httpx_client().get(url)
        return low_level.get_httpx_client().get(url)

    with pytest.raises(ValueError, match=r"sends to http://memory\.test/v1 only"):
        await get()
    assert api.router.calls.call_count == 0


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:hunter2@elsewhere.test/v1/x?token=hunter2", "http://elsewhere.test/v1/x"),
        ("https://memory.test:8443/v1/x", "https://memory.test:8443/v1/x"),
    ],
)
async def test_the_error_for_another_address_shows_no_secret(api, url, shown):
    """Neither the password nor the query of the address."""
    with pytest.raises(ValueError, match="only, not to") as raised:
        await send(api, api.client().low_level, "GET", url)
    assert str(raised.value).endswith(f"not to {shown}")


@pytest.mark.parametrize(
    ("base_url", "sent_to"),
    [
        ("http://memory.test", "/tags"),
        ("http://memory.test/", "/tags"),
        ("http://memory.test:80", "/tags"),
        ("http://MEMORY.test/v1", "/v1/tags"),
        ("http://memory.test/v1/.", "/v1/tags"),
        ("http://memory.test/a/v1/", "/a/v1/tags"),
    ],
)
async def test_any_base_url_of_the_client_is_its_own_address(api, base_url, sent_to):
    """With and without a path or a port."""
    module = import_module(OPERATIONS["list_tags"].module)
    with respx.mock() as router:
        router.get(f"http://memory.test{sent_to}").respond(200, json=answers.example("TagPage"))
        response = await call(api, module, api.client(base_url=base_url).low_level)
    assert response.status_code == 200


@pytest.mark.off_contract(reason="an operation that the contract does not have")
@pytest.mark.parametrize("method", ["POST", "PUT", "GET"])
async def test_a_post_outside_the_contract_is_retried_under_one_idempotency_key(api, method):
    """It may create something; other methods can be repeated."""
    replies = [httpx.ReadError("lost"), httpx.Response(200)]
    api.router.route().mock(side_effect=replies)
    low_level = api.client(http_client=api.http_client()).low_level
    response = await send(api, low_level, method, "/archive")
    assert response.status_code == 200
    keys = [sent.request.headers.get("idempotency-key") for sent in api.router.calls]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert (keys[0] is not None) is (method == "POST")


@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "ACCEPT"])
@pytest.mark.parametrize("where", ["client", "copy"])
async def test_a_header_of_the_caller_replaces_the_sdks_own(api, name, where):
    """Whatever the case of its name: one value is sent."""
    api.router.route().respond(200, json=answers.example("MemoryPage"))
    if where == "client":
        low_level = api.client(headers={name: "mine/1"}).low_level
    else:
        low_level = api.client().low_level.with_headers({name: "mine/1"})
    await call(api, list_memories, low_level)
    assert api.router.calls.last.request.headers.get_list(name) == ["mine/1"]


@pytest.mark.off_contract(reason="an operation that the contract does not have")
@pytest.mark.parametrize(
    ("method", "path", "reply"),
    [
        ("HEAD", "/memories", httpx.Response(200, headers={"Content-Type": "application/json"})),
        ("GET", "/export", httpx.Response(200, text="a,b")),
        ("POST", "/jobs", httpx.Response(202)),
        ("PUT", "/jobs", httpx.Response(204)),
        ("GET", "/memories/", httpx.Response(200, text="a list")),
    ],
)
async def test_any_complete_response_outside_the_contract_is_returned(api, method, path, reply):
    """It need not be JSON, nor have a body; and it knows how long it took."""
    api.router.route().respond(reply.status_code, content=reply.content, headers=reply.headers)
    response = await send(api, api.client().low_level, method, path)
    assert (response.status_code, response.content) == (reply.status_code, reply.content)
    assert response.elapsed.total_seconds() >= 0


@pytest.mark.off_contract(reason="an operation that the contract does not have")
@pytest.mark.parametrize("own", [True, False], ids=["own", "httpx"])
@pytest.mark.parametrize(
    ("method", "length"),
    [("POST", "0"), ("PUT", "0"), ("PATCH", "0"), ("GET", None), ("DELETE", None)],
)
async def test_a_request_without_a_body_says_so_where_one_is_usual(api, own, method, length):
    """With `Content-Length: 0` (RFC 9110, 8.6), which some servers require."""
    api.router.route().respond(200)
    client = api.client(**({} if own else {"http_client": api.http_client()}))
    await send(api, client.low_level, method, "/archive")
    sent = api.router.calls.last.request
    assert sent.headers.get("content-length") == length
    assert "content-type" not in sent.headers


@pytest.mark.parametrize("value", ["a\0b", b"\xe9"])
@pytest.mark.parametrize("own", [True, False], ids=["own", "httpx"])
async def test_a_header_that_http_does_not_allow_is_not_retried(api, own, value):
    """It fails in the same way in every attempt, as an error of the SDK."""
    if own:
        api.router.stop()  # while it is active, the SDK sends through httpx
    http_client = None if own else api.http_client(transport=CheckingTransport())
    low_level = api.client(http_client=http_client).low_level.with_headers({"X-Own": value})
    with pytest.raises(APIConnectionError) as raised:
        await send(api, low_level, "GET", "/tags")
    assert (raised.value.attempts, api.waits) == (1, [])


@pytest.mark.off_contract(reason="an operation that the contract does not have")
async def test_a_response_outside_the_contract_that_is_cut_off_is_an_error(api):
    """After the retries: a part of a body is not returned as the whole."""
    headers = {"Content-Encoding": "gzip"}
    cut_off = gzip.compress(os.urandom(4096))[:-9]
    api.router.route().mock(
        side_effect=lambda _request: httpx.Response(
            200, headers=headers, stream=httpx.ByteStream(cut_off)
        )
    )
    with pytest.raises(InvalidResponseError, match="cut off") as raised:
        await send(api, api.client(max_retries=1).low_level, "GET", "/export")
    assert raised.value.attempts == 2
