"""Reads answers with the client of a project, as users and as the low-level models do.

usage: python reader.py PROJECT < answers.json     (prints what is not handed out as it came)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PROJECT = Path(sys.argv[1])
sys.path[:0] = [str(PROJECT / "generated"), str(PROJECT / "wrapper")]

import httpx

import memoryos
from memoryos.exceptions import MemoryOSError
from memoryos_api import models
from memoryos_api.operations import OPERATIONS
from wrapper_contract import source

SAMPLES = {
    "content": "text",
    "memory_id": "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11",
    "query": "text",
    "name": "text",
    "type": "person",
    "tier": "long",
}


def handed_out(method, status, body):
    """What a client's method returns for an answer; of an error its code and status."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
    with httpx.Client(transport=transport) as http_client:
        client = memoryos.MemoryOS("mos_test_key", max_retries=0, http_client=http_client)
        target = client
        for name in method.chain.split("."):
            target = getattr(target, name)
        needed = [
            parameter.name
            for parameter in method.parameters.values()
            if parameter.default is source.NO_DEFAULT or parameter.name in ("query", "tier")
        ]
        try:
            return target(**{name: SAMPLES[name] for name in needed})
        except MemoryOSError as error:
            return {"status": error.status, "code": error.details.get("wire_code", error.code)}


def expected(operation, status, body):
    """What the documentation promises for an answer."""
    if status >= 400:
        return {"status": status, "code": body["error"]["code"]}
    return body if operation.response_kind == "page" else body["data"]


def through_model(operation, status, body):
    """The answer, read into the generated model and written again."""
    name = operation.response if status < 400 else "ErrorEnvelope"
    return getattr(models, name).from_dict(body).to_dict()


def main():
    """Read every answer of the operations that this client has."""
    assert Path(memoryos.__file__).is_relative_to(PROJECT)
    wrapper = source.read(PROJECT)
    answers = json.load(sys.stdin)
    misreadings, count = [], 0
    for method in wrapper.methods:
        name = method.operation
        if name not in OPERATIONS:
            continue
        operation = OPERATIONS[name]
        for status, body in answers.get(name, []):
            count += 1
            if handed_out(method, status, body) != expected(operation, status, body):
                misreadings.append([name, status, "client", handed_out(method, status, body)])
            if through_model(operation, status, body) != body:
                misreadings.append([name, status, "model", through_model(operation, status, body)])
    print(json.dumps({"count": count, "misreadings": misreadings}))


main()
