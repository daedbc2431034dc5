"""A service that answers with the contract's own examples, and a judge of answers."""

from __future__ import annotations

import json

import httpx
import pytest
from jsonschema_rs import Draft202012Validator

from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.model.caller import Caller
from memoryos_server.model.permissions import DEFAULT_PERMISSIONS
from memoryos_server.service.results import Result
from memoryos_server.stores.store_state import SchemaAge, StoreState

from .sockets import running

KEYS = {
    "mos_test_everything": frozenset({"*"}),
    "mos_test_default": frozenset(DEFAULT_PERMISSIONS),
    "mos_test_reader": frozenset({"memories:read"}),
}


class FakeService:
    """Answers each operation with its contract's example, and remembers what it was asked."""

    def __init__(self, *documents):
        self.calls = []
        self.closed = 0
        self.error = None
        for document in documents:
            for _, _, node in operations(document):
                example = example_of(document, node["responses"]["200"])
                meta = {key: value for key, value in example["meta"].items() if key != "request_id"}
                result = Result(example["data"], meta)
                setattr(self, node["operationId"], self._method(node["operationId"], result))

    def _method(self, name, answer):
        def call(caller, parameters, body, defaulted=frozenset()):
            self.calls.append((name, caller, parameters, body, defaulted))
            if self.error is not None:
                raise self.error
            return answer

        return call

    def authenticate(self, key):
        scopes = KEYS.get(key)
        return None if scopes is None else Caller("somebody", scopes)

    def store_state(self):
        return StoreState(accepts_writes=True, schema=SchemaAge.CURRENT, has_other_embedder=False)

    def close(self):
        self.closed += 1


def operations(document):
    """Yield method, path and node of each operation, without the server's own code."""
    for path, item in document["paths"].items():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                yield method.upper(), path, item[method]


def follow(document, node):
    while "$ref" in node:
        target = document
        for step in node["$ref"][2:].split("/"):
            target = target[step]
        node = target
    return node


def example_of(document, response):
    content = follow(document, response)["content"]["application/json"]
    return follow(document, content["examples"]["response"])["value"]


@pytest.fixture
def service(document, admin_document):
    return FakeService(document, admin_document)


@pytest.fixture
def socket_server(service):
    """The service behind a server on a socket."""
    with running(service, max_concurrent_requests=8) as started:
        yield started


@pytest.fixture
def dispatcher(service):
    return Dispatcher(service)


@pytest.fixture
def send(dispatcher):
    """Send a request to the dispatcher with a key that may do everything, unless told otherwise."""

    def send(
        method, path, *, query=b"", key="mos_test_everything", headers=(), json_body=None, body=b""
    ):
        given = [(b"Authorization", f"Bearer {key}".encode())] if key is not None else []
        if json_body is not None:
            body = json.dumps(json_body).encode()
        if body:
            given.append((b"Content-Type", b"application/json"))
        answer = dispatcher.handle(method, path, query, [*given, *headers], body)
        return httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)

    return send


@pytest.fixture(scope="session")
def is_documented(document, admin_document):
    """Assert that an answer is one that the operation's contract describes, body and all."""
    nodes = {
        node["operationId"]: (contract, node)
        for contract in (document, admin_document)
        for _, _, node in operations(contract)
    }

    def check(operation_id, response):
        document, node = nodes[operation_id]
        assert str(response.status_code) in node["responses"], response.text
        described = follow(document, node["responses"][str(response.status_code)])
        schema = described["content"]["application/json"]["schema"]
        validator = Draft202012Validator(
            {"components": document["components"], "allOf": [schema]}, validate_formats=True
        )
        errors = [error.message for error in validator.iter_errors(response.json())]
        assert errors == []
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-request-id"] == response.json()["meta"]["request_id"]

    return check
