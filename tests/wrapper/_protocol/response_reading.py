"""Responses, and what the SDK reads in them."""

from __future__ import annotations

import json

import pytest

from memoryos._protocol import json_steps, responses
from memoryos._protocol.responses import HTTPResponse, ResponseKind
from memoryos.exceptions import (
    MemoryOSError,
)

HTML = b"<html><body>Please sign in</body></html>"


META = {"request_id": "req_7"}


def answer(status, body, **headers):
    """Make an answer; a body that is not bytes is written as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HTTPResponse(status, {"content-type": "application/json", **headers}, content)


def in_steps(content):
    """Return what is decoded in steps."""
    results = []

    def collect():
        results.append((yield from json_steps.decode_in_steps(content)))

    for _ in collect():
        pass
    return results[0]


def read(given, kind=ResponseKind.ITEM):
    """Read an answer at the beginning of 1970."""
    return responses.read(given, kind=kind, now=0)


def error_of(given):
    """Return the error that an answer is read as."""
    with pytest.raises(MemoryOSError) as raised:
        read(given)
    return raised.value


def refusal(code, message="Because.", **more):
    """Make the body of the documented error envelope."""
    return {"error": {"code": code, "message": message, **more}, "meta": META}


NOT_THE_CONTRACTS = {
    "nothing": b"",
    "HTML": HTML,
    "half": b'{"data": {"id": "x"',
    "bytes": b"\xff\xfe\x00",
    "null": b"null",
    "a list": b"[]",
    "a string": b'"text"',
    "a number": b"7",
    "no data": b'{"meta": {}}',
    "an error with status 200": b'{"error": {"code": "X", "message": "y"}}',
    "data that is null": b'{"data": null}',
    "data that is a list": b'{"data": []}',
    "data that is a string": b'{"data": "x"}',
    "depth without end": b"[" * 100_000,
}
