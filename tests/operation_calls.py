"""Tells which operation of the contract a call carries out, by the request that it sends.

Lists of calls are typed by hand, since their arguments are; this shows that none is missing.
"""

from __future__ import annotations

import re

import httpx
import pytest

from memoryos import MemoryOS, MemoryOSError
from memoryos_api.operations import OPERATIONS

FAILURE = {
    "error": {"code": "INTERNAL_ERROR", "message": "Recorded, not carried out"},
    "meta": {"request_id": "req_1"},
}


def operation_of(call):
    """Return the operationId of the one request that `call(client)` sends."""
    sent = []

    def record(request):
        sent.append(request)
        return httpx.Response(500, json=FAILURE)

    with httpx.Client(transport=httpx.MockTransport(record), verify=False) as http_client:
        client = MemoryOS(
            "mos_test_x", "http://memory.test/v1", http_client=http_client, max_retries=0
        )
        with client, pytest.raises(MemoryOSError, match="Recorded"):
            call(client)
    (request,) = sent
    (operation,) = [
        name
        for name, operation in OPERATIONS.items()
        if request.method == operation.method and _fits(operation.path, request.url.path)
    ]
    return operation


def assert_calls_every_operation(calls):
    """Check that calls, by operationId, carry out these operations, and that none is missing."""
    assert set(calls) == set(OPERATIONS)
    assert {name: operation_of(call) for name, call in calls.items()} == {
        name: name for name in calls
    }


def _fits(template, path):
    return re.fullmatch("/v1" + re.sub(r"\{\w+\}", "[^/]+", template), path)
