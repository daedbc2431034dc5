"""Bad input: a ValidationError that names argument, value and rule, before anything is sent.

And what the service refuses: the documented code, status and message.
"""

from __future__ import annotations

import math

import pytest

from memoryos.exceptions import (
    APIConnectionError,
    AuthenticationError,
    MemoryOSError,
    NotFoundError,
    PermissionDeniedError,
    ValidationError,
)

pytestmark = pytest.mark.anyio

ID = "550e8400-e29b-41d4-a716-446655440000"

# What is wrong: the call, and the words that its error must have.
BAD_INPUT = {
    "neither query nor embedding": (
        lambda client: client.search(),
        ["query", "embedding", "must be given"],
    ),
    "an empty query": (lambda client: client.search(""), ["query", "at least 1", "''"]),
    "an embedding of another model": (
        lambda client: client.search(embedding=[0.5] * 384),
        ["embedding", "1536", "384"],
    ),
    "an embedding of words": (
        lambda client: client.search(embedding=["a"] * 1536),
        ["embedding", "numbers", "'a'"],
    ),
    "an embedding with NaN": (
        lambda client: client.search(embedding=[math.nan] * 1536),
        ["embedding", "finite", "NaN"],
    ),
    "empty content": (
        lambda client: client.memories.create(""),
        ["content", "at least 1 character", "''"],
    ),
    "content that is no text": (
        lambda client: client.memories.create(b"tea"),
        ["content", "must be a string", "b'tea'"],
    ),
    "a list of no memories": (
        lambda client: client.memories.list(limit=0),
        ["limit", "from 1 to 100", "got 0"],
    ),
    "a list of too many memories": (
        lambda client: client.memories.list(limit=101),
        ["limit", "from 1 to 100", "got 101"],
    ),
    "a search for too many": (
        lambda client: client.search("tea", limit=101),
        ["limit", "from 1 to 100", "got 101"],
    ),
    "a negative offset": (
        lambda client: client.memories.list(offset=-1),
        ["offset", "at least 0", "got -1"],
    ),
    "a threshold above 1": (
        lambda client: client.search("tea", threshold=1.01),
        ["threshold", "from 0 to 1", "got 1.01"],
    ),
    "a threshold below 0": (
        lambda client: client.search("tea", threshold=-0.1),
        ["threshold", "from 0 to 1", "got -0.1"],
    ),
    "importance above 1": (
        lambda client: client.memories.create("tea", importance_score=2),
        ["importance_score", "from 0 to 1", "got 2"],
    ),
    "an id that is no UUID": (
        lambda client: client.memories.get("memory-1"),
        ["memory_id", "UUID", "'memory-1'"],
    ),
    "an id that leaves its path": (
        lambda client: client.memories.delete(".."),
        ["memory_id", "UUID", "'..'"],
    ),
    "an id that is missing": (
        lambda client: client.memories.get(None),
        ["memory_id", "must be given", "None"],
    ),
    "NaN in the metadata": (
        lambda client: client.memories.create("tea", metadata={"a": math.nan}),
        ["metadata.a", "finite number", "nan"],
    ),
    "a set in the metadata": (
        lambda client: client.memories.create("tea", metadata={"a": {1}}),
        ["metadata.a", "JSON", "{1}"],
    ),
    "an object in the metadata": (
        lambda client: client.memories.create("tea", metadata={"a": [object()]}),
        ["metadata.a[0]", "JSON", "<object object"],
    ),
    "a lone surrogate in the metadata": (
        lambda client: client.memories.create("tea", metadata={"a": "\ud800"}),
        ["metadata.a", "surrogate", "position 0"],
    ),
    "metadata that is no dict": (
        lambda client: client.memories.create("tea", metadata=["a"]),
        ["metadata", "must be a dict", "['a']"],
    ),
    "an unknown tier": (
        lambda client: client.memories.create("tea", tier="eternal"),
        ["tier", "'short', 'medium', 'long'", "'eternal'"],
    ),
    "an unknown tier in an update": (
        lambda client: client.memories.update(ID, tier="LONG"),
        ["tier", "'short', 'medium', 'long'", "'LONG'"],
    ),
    "an unknown nature": (
        lambda client: client.memories.list(memory_nature="wild"),
        ["memory_nature", "'episodic', 'semantic'", "'wild'"],
    ),
    "an unknown format": (
        lambda client: client.get_context("tea", format="xml"),
        ["format", "'text', 'json'", "'xml'"],
    ),
    "a negative budget": (
        lambda client: client.get_context("tea", max_tokens=-1),
        ["max_tokens", "at least 0", "got -1"],
    ),
    "an update of nothing": (
        lambda client: client.memories.update(ID),
        ["content", "metadata", "must be given"],
    ),
    "an unknown type of entity": (
        lambda client: client.entities.create("Ada", "machine"),
        ["type", "'person', 'place', 'thing', 'organization'", "'machine'"],
    ),
    "an unknown order": (
        lambda client: client.tags.list(order="down"),
        ["order", "'asc', 'desc'", "'down'"],
    ),
    "an idempotency key with a line end": (
        lambda client: client.memories.create("tea", idempotency_key="a\r\nX-Injected: 1"),
        ["idempotency_key", "must match"],
    ),
}


@pytest.mark.parametrize(("call", "words"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
async def test_bad_input_is_refused_before_anything_is_sent(api, call, words):
    """The error names the argument, the rule and the value; the network stays silent."""
    client = api.client()
    with pytest.raises(ValidationError) as raised:
        await api.done(call(client))
    error = raised.value
    assert isinstance(error, ValueError)
    assert (error.code, error.status, error.attempts) == ("VALIDATION_ERROR", 400, 0)
    assert [word for word in words if word not in error.message] == []
    assert api.router.calls.call_count == 0


# What the service says, and what the SDK makes of it.
REFUSALS = {
    "a wrong key": (401, "UNAUTHORIZED", AuthenticationError, "AUTHENTICATION_ERROR"),
    "a missing scope": (403, "FORBIDDEN", PermissionDeniedError, "FORBIDDEN"),
    "an unknown id": (404, "NOT_FOUND", NotFoundError, "NOT_FOUND"),
    "a rule of the service's own": (422, "VALIDATION_ERROR", ValidationError, "VALIDATION_ERROR"),
    "too much": (413, "PAYLOAD_TOO_LARGE", MemoryOSError, "PAYLOAD_TOO_LARGE"),
}


@pytest.mark.parametrize(
    ("status", "wire_code", "error_class", "code"), REFUSALS.values(), ids=REFUSALS.keys()
)
@pytest.mark.off_contract(reason="413 is not for a request without a body")
async def test_a_refusal_is_raised_with_code_status_and_message(
    api, status, wire_code, error_class, code
):
    """The documented code, and the service's own sentence; it is not tried again."""
    envelope = {
        "error": {"code": wire_code, "message": "Missing scope: x", "details": {"a": 1}},
        "meta": {"request_id": "req_5"},
    }
    api.router.get(f"/memories/{ID}").respond(status, json=envelope)
    with pytest.raises(error_class) as raised:
        await api.done(api.client().memories.get(ID))
    error = raised.value
    assert (error.code, error.status, error.message) == (code, status, "Missing scope: x")
    assert (error.request_id, error.details["a"]) == ("req_5", 1)
    assert (error.method, error.path, error.attempts) == ("GET", f"/memories/{ID}", 1)
    assert (api.router.calls.call_count, api.waits) == (1, [])


async def test_a_service_that_is_not_there_is_named(api):
    """The error says which address did not answer, and that it was tried several times."""
    api.router.route().mock(side_effect=ConnectionRefusedError("refused"))
    with pytest.raises(APIConnectionError, match=r"http://memory\.test/v1") as raised:
        await api.done(api.client().memories.get(ID))
    error = raised.value
    assert (error.code, error.status, error.attempts) == ("CONNECTION_ERROR", 503, 4)
