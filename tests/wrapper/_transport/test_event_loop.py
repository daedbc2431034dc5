"""Asynchronous calls without asyncio: a clear error, and nothing is sent."""

from __future__ import annotations

import asyncio
import sys
import types

import httpx
import pytest

from memoryos import AsyncMemoryOS
from memoryos._transport.event_loop import check_event_loop
from memoryos.exceptions import APIConnectionError

KEY = "mos_test_x"
BASE_URL = "http://127.0.0.1:1/v1"


async def first(items):
    """Return the first item."""
    async for item in items:
        return item
    return None


CALLS = {
    "list": lambda client: client.memories.list(),
    "create": lambda client: client.memories.create("tea"),
    "search": lambda client: client.search("tea"),
    "iterate": lambda client: first(client.memories.iterate()),
    "create_many": lambda client: first(client.memories.create_many([{"content": "tea"}])),
    "raw": lambda client: client.with_raw_response.tags.list(),
}


@pytest.fixture(params=["none", "trio", "curio"])
def library(request, monkeypatch):
    """What runs the coroutine; the libraries are recognised by what they have loaded."""
    functions = {
        "trio": ("trio.lowlevel", "in_trio_task"),
        "curio": ("curio.meta", "curio_running"),
    }
    if request.param in functions:
        module, function = functions[request.param]
        monkeypatch.setitem(sys.modules, module, types.SimpleNamespace(**{function: lambda: True}))
    return request.param


@pytest.mark.parametrize("through_httpx", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_the_first_call_says_what_to_do(library, name, through_httpx):
    """It names the library, and asyncio as the remedy; the call is never suspended."""
    sent = []
    transport = httpx.MockTransport(sent.append)
    http_client = httpx.AsyncClient(transport=transport) if through_httpx else None
    call = CALLS[name](AsyncMemoryOS(KEY, BASE_URL, http_client=http_client))
    with pytest.raises(APIConnectionError, match="needs asyncio") as raised:
        call.send(None)
    error = raised.value
    assert (error.code, error.attempts, sent) == ("UNSUPPORTED_EVENT_LOOP", 0, [])
    assert "asyncio.run" in error.message
    assert library == "none" or f"runs on {library}" in error.message
    assert "?" not in (error.path or "")


def test_closing_needs_no_asyncio():
    """A client that opened nothing can be closed anywhere."""
    with pytest.raises(StopIteration):
        AsyncMemoryOS(KEY, BASE_URL).close().send(None)


def test_trio_as_a_guest_of_asyncio_is_noticed(monkeypatch):
    """A loop of asyncio runs there, but no task of it."""
    seen = []

    def check():
        try:
            check_event_loop()
        except APIConnectionError as error:
            seen.append(error.message)
        else:
            seen.append(None)

    async def main():
        check()  # in a task
        asyncio.get_running_loop().call_soon(check)
        await asyncio.sleep(0.01)

    asyncio.run(main())
    guest = types.SimpleNamespace(in_trio_task=lambda: True)
    monkeypatch.setitem(sys.modules, "trio.lowlevel", guest)
    asyncio.run(main())
    assert seen[:3] == [None, None, None]
    assert "trio" in seen[3]
