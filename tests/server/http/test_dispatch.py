"""What the dispatcher answers, from the route to the envelope."""

from __future__ import annotations

import json
import logging

import pytest

from memoryos_server.contract.routes import ContractError, default_contract
from memoryos_server.http.dispatch import Dispatcher
from memoryos_server.model.caller import Caller
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.results import Result

UUID = "7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
REQUESTS = {
    "create_memory": ("POST", "/v1/memories", {"content": "x"}),
    "list_memories": ("GET", "/v1/memories", None),
    "get_memory": ("GET", f"/v1/memories/{UUID}", None),
    "update_memory": ("PATCH", f"/v1/memories/{UUID}", {"tier": "long"}),
    "delete_memory": ("DELETE", f"/v1/memories/{UUID}", None),
    "search_memories": ("POST", "/v1/search", {"query": "x"}),
    "get_context": ("POST", "/v1/context", {"query": "x"}),
    "list_tags": ("GET", "/v1/tags", None),
    "list_entities": ("GET", "/v1/entities", None),
    "create_entity": ("POST", "/v1/entities", {"name": "Ada", "type": "person"}),
}
every_operation = pytest.mark.parametrize("operation", REQUESTS)


def error_of(response):
    return (
        response.status_code,
        response.json()["error"]["code"],
        response.json()["error"]["message"],
    )


def test_these_tests_know_every_operation():
    """A new operation of the contract must join the table above."""
    assert set(REQUESTS) == {o.operation_id for o in default_contract().operations}


@every_operation
def test_each_operation_reaches_its_method_and_answers_in_the_envelope(
    operation, send, service, is_documented
):
    """The service is called once, with the caller; the answer is the contract's."""
    method, path, body = REQUESTS[operation]
    response = send(method, path, json_body=body)
    is_documented(operation, response)
    assert response.status_code == 200
    assert [(name, caller) for name, caller, _, _, _ in service.calls] == [
        (operation, Caller("somebody", frozenset({"*"})))
    ]


def test_parameters_and_body_arrive_checked_and_completed(send, service):
    """By wire name, typed, with the contract's defaults."""
    send("GET", "/v1/memories", query=b"limit=2&tier=long&min_relevance=0.5&unknown=1")
    send("PATCH", f"/v1/memories/{UUID}", json_body={"tier": "long"})
    send("POST", "/v1/memories", json_body={"content": "é"}, headers=[(b"idempotency-KEY", b"k")])
    assert [arguments for _, _, *arguments in service.calls] == [
        [{"limit": 2, "offset": 0, "tier": "long", "min_relevance": 0.5}, None, set()],
        [{"memory_id": UUID}, {"tier": "long"}, set()],
        [
            {"Idempotency-Key": "k"},
            {"content": "é", "tier": "short", "content_type": "text"},
            {"tier", "content_type"},
        ],
    ]


@every_operation
@pytest.mark.parametrize(
    ("authorization", "message", "challenge"),
    [
        ([], "Missing API key", 'Bearer realm="Memory OS"'),
        ([b"Bearer mos_test_unknown"], "Invalid API key", 'error="invalid_token"'),
        ([b"Bearer sk-123"], "Invalid API key", 'error="invalid_token"'),
        ([b"Bearer MOS_test_everything"], "Invalid API key", 'error="invalid_token"'),
        ([b"Basic mos_test_everything"], "Invalid API key", 'error="invalid_token"'),
        ([b"mos_test_everything"], "Invalid API key", 'error="invalid_token"'),
        ([b"Bearer"], "Invalid API key", 'error="invalid_token"'),
        ([b"Bearer mos_\xe9"], "Invalid API key", 'error="invalid_token"'),
        ([b"Bearer mos_test_everything x"], "Invalid API key", 'error="invalid_token"'),
        ([b"Bearer mos_" + b"x" * 9999], "Invalid API key", 'error="invalid_token"'),
        ([b"Bearer mos_test_everything"] * 2, "Invalid API key", 'error="invalid_token"'),
    ],
)
def test_without_a_valid_key_there_is_a_401(
    operation, authorization, message, challenge, send, service, is_documented
):
    """The envelope, the challenge of RFC 6750, and no call of the service."""
    method, path, body = REQUESTS[operation]
    headers = [(b"Authorization", value) for value in authorization]
    response = send(method, path, key=None, headers=headers, json_body=body)
    is_documented(operation, response)
    assert error_of(response)[:2] == (401, "UNAUTHORIZED")
    assert error_of(response)[2].startswith(message)
    assert challenge in response.headers["www-authenticate"]
    assert service.calls == []


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_read_in_any_case(scheme, send):
    """RFC 9110: schemes are case-insensitive."""
    headers = [(b"authorization", f"{scheme} mos_test_everything".encode())]
    assert send("GET", "/v1/tags", key=None, headers=headers).status_code == 200


@every_operation
def test_a_key_without_the_scope_gets_a_403(operation, document, send, service, is_documented):
    """The scope that each operation needs is the contract's; it is named."""
    method, path, body = REQUESTS[operation]
    path_item = path.removeprefix("/v1").replace(UUID, "{memory_id}")
    (needed,) = document["paths"][path_item][method.lower()]["security"][0]["bearerAuth"]
    response = send(method, path, key="mos_test_reader", json_body=body)
    if needed == "memories:read":
        assert response.status_code == 200
        return
    is_documented(operation, response)
    assert error_of(response) == (403, "FORBIDDEN", f"Missing scope: {needed}")
    assert f'scope="{needed}"' in response.headers["www-authenticate"]
    assert service.calls == []


@every_operation
def test_a_key_with_the_default_scopes_may_do_everything_here(operation, send):
    """No operation of the contract needs more than a new key has."""
    method, path, body = REQUESTS[operation]
    assert send(method, path, key="mos_test_default", json_body=body).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "key", "query", "status"),
    [
        ("GET", "/v1/nothing", None, b"limit=x", 404),
        ("PUT", "/v1/memories", None, b"limit=x", 405),
        ("GET", "/v1/memories", None, b"limit=x", 401),
        ("DELETE", "/v1/memories/x", "mos_test_reader", b"", 403),
        ("GET", "/v1/memories", "mos_test_reader", b"limit=x", 400),
    ],
)
def test_route_then_key_then_scope_then_rules(method, path, key, query, status, send):
    """A wrong path shows without a key; the rules show only to whom they concern."""
    assert send(method, path, key=key, query=query).status_code == status


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/memories/", "/v2/memories", f"/v1/memories/{UUID}/x"]
)
def test_an_unknown_path_is_a_404(path, send):
    """In the envelope as well."""
    assert error_of(send("GET", path)) == (404, "NOT_FOUND", "This path does not exist")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/memories", "GET, POST, HEAD, OPTIONS"),
        (f"/v1/memories/{UUID}", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        ("/v1/search", "POST, OPTIONS"),
    ],
)
def test_a_wrong_method_is_a_405_that_says_which_are_right(path, allowed, send):
    """RFC 9110 wants `Allow`; `OPTIONS` tells the same without a key."""
    refused = send("TRACE", path, key=None)
    assert error_of(refused)[:2] == (405, "METHOD_NOT_ALLOWED")
    assert set(refused.headers["allow"].split(", ")) == set(allowed.split(", "))
    told = send("OPTIONS", path, key=None)
    assert (told.status_code, told.content, told.headers["allow"]) == (
        204,
        b"",
        refused.headers["allow"],
    )


def test_head_is_get_without_the_body(send, service):
    """Same status, same length told, for errors too; where there is no GET it is a 405."""
    full, head = send("GET", "/v1/tags"), send("HEAD", "/v1/tags")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert set(full.headers) == set(head.headers)
    missing = send("HEAD", "/v1/nothing")
    assert (missing.status_code, missing.content) == (404, b"")
    assert send("HEAD", "/v1/search").status_code == 405


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "body: is required"),
        (b"{", "body: is not valid JSON"),
        (b'{"content": NaN}', "body: contains NaN, which is not a JSON number"),
        (b'{"content": "\\ud800"}', "body: contains a string with an unpaired surrogate"),
        (b'{"content": "\xff"}', "body: is not valid UTF-8"),
        (b'{"content": "a", "content": "b"}', "body: contains an object with a duplicate name"),
        (b'{"content": ""}', "body.content: must have at least 1 character"),
        (b'"content"', "body: must be an object"),
    ],
)
def test_a_bad_body_is_a_400(body, message, send, service, is_documented):
    """The message names what is wrong; `details` says it for programs."""
    response = send("POST", "/v1/memories", body=body)
    is_documented("create_memory", response)
    assert error_of(response)[:2] == (400, "VALIDATION_ERROR")
    assert error_of(response)[2].startswith(message)
    field = message.partition(":")[0]
    assert [e["field"] for e in response.json()["error"]["details"]["errors"]] == [field]
    assert service.calls == []


def test_a_refusal_never_quotes_what_is_long(send):
    """A content of the wrong type does not come back in the message."""
    for body in (
        {"content": {"secret": "x" * 500}},
        {"content": "x", "tier": "y" * 500},
        {"z" * 500: 1},
    ):
        text = send("POST", "/v1/memories", json_body=body).text
        assert not any(letter * 50 in text for letter in "xyz")


def test_parameters_and_body_are_judged_together(send):
    """One answer names what is wrong in the header and in the body."""
    response = send("POST", "/v1/memories", json_body={}, headers=[(b"Idempotency-Key", b"a b")])
    fields = {e["field"] for e in response.json()["error"]["details"]["errors"]}
    assert fields == {"header.Idempotency-Key", "body.content"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (b"limit=1&limit=2", "query.limit"),
        (b"tier=%ff", "query"),
        (b"tier=\xff", "query"),
        (b"tier", "query.tier"),
    ],
)
def test_a_bad_query_is_a_400(query, field, send):
    """Twice the same name, bytes that are not UTF-8, a name without a value."""
    response = send("GET", "/v1/memories", query=query)
    assert error_of(response)[:2] == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in response.json()["error"]["details"]["errors"]] == [field]


def test_percent_encoding_and_plus_are_decoded_in_a_query(send, service):
    """As forms and browsers write them."""
    send("GET", "/v1/tags", query=b"search=caf%C3%A9+au%20lait%26x&order=desc")
    assert service.calls[0][2]["search"] == "café au lait&x"


@pytest.mark.parametrize(
    ("content_types", "status"),
    [
        ([], 200),
        (["application/json"], 200),
        (["Application/JSON; charset=UTF-8"], 200),
        (['application/json;charset="utf-8"'], 200),
        (["application/json; charset=latin-1"], 400),
        (["text/plain"], 400),
        (["application/x-www-form-urlencoded"], 400),
        (["application/json", "application/json"], 400),
    ],
)
def test_a_body_is_json_or_refused(content_types, status, dispatcher):
    """Nothing but JSON in UTF-8; where nothing is said, it is taken for that."""
    headers = [(b"Content-Type", value.encode()) for value in content_types]
    answer = dispatcher.handle(
        "POST", "/v1/search", b"", headers, b'{"query": "x"}', caller=Caller("me", frozenset({"*"}))
    )
    assert answer.status == status


def test_a_body_over_the_limit_is_a_413(service, is_documented, send):
    """By its length, or by what it says its length is; a body of just the limit is read."""
    body = b'{"query": "x"}'
    me = Caller("me", frozenset({"*"}))
    assert (
        Dispatcher(service, max_body_bytes=len(body))
        .handle("POST", "/v1/search", b"", [], body, caller=me)
        .status
        == 200
    )
    small = Dispatcher(service, max_body_bytes=len(body) - 1)
    answer = small.handle("POST", "/v1/search", b"", [], body, caller=me)
    assert answer.status == 413
    assert json.loads(answer.body)["error"] == {
        "code": "PAYLOAD_TOO_LARGE",
        "message": "The body has more than 13 bytes",
        "details": {},
    }
    for length in (b"1048577", b"9" * 5000):
        response = send("POST", "/v1/search", headers=[(b"Content-Length", length)])
        is_documented("search_memories", response)
        assert response.status_code == 413


def test_an_error_of_the_service_becomes_its_envelope(send, service, is_documented):
    """Status, code, message and details as given; a wait is rounded up to whole seconds."""
    service.error = ServiceError(503, "UNAVAILABLE", "Busy", {"queue": 3}, retry_after=1.2)
    response = send("POST", "/v1/memories", json_body={"content": "x"})
    is_documented("create_memory", response)
    assert response.json()["error"] == {
        "code": "UNAVAILABLE",
        "message": "Busy",
        "details": {"queue": 3},
    }
    assert response.headers["retry-after"] == "2"


class UnforeseenError(Exception):
    pass


def test_an_unexpected_error_is_a_500_that_tells_nothing(send, service, caplog, is_documented):
    """The log says where it happened, and holds neither content nor key nor the error's message."""
    service.error = UnforeseenError("while storing SECRET-CONTENT")
    service.error.__cause__ = KeyError("SECRET-CAUSE")
    with caplog.at_level(logging.DEBUG):
        response = send("POST", "/v1/memories", json_body={"content": "SECRET-CONTENT"})
    is_documented("create_memory", response)
    assert error_of(response) == (500, "INTERNAL_ERROR", "Something went wrong inside the service")
    assert "SECRET" not in response.text
    assert "SECRET" not in caplog.text
    assert "mos_test" not in caplog.text
    assert "POST /memories failed" in caplog.text
    assert response.headers["x-request-id"] in caplog.text
    assert "UnforeseenError" in caplog.text
    assert "builtins.KeyError" in caplog.text
    assert "in create_memory" not in caplog.text
    assert "in call" in caplog.text


@pytest.mark.parametrize("data", [float("nan"), "\ud800", object()])
def test_an_answer_that_json_can_not_hold_is_a_500(data, service, dispatcher, caplog):
    """Broken JSON never leaves the server."""
    service.list_tags = lambda *_: Result(data)
    answer = dispatcher.handle(
        "GET", "/v1/tags", b"", [], b"", caller=Caller("me", frozenset({"*"}))
    )
    assert answer.status == 500
    assert json.loads(answer.body)["error"]["code"] == "INTERNAL_ERROR"


def test_a_known_caller_needs_no_key_but_its_scopes(dispatcher, service):
    """In-process use: trust instead of a key; scopes still hold."""
    reader = Caller("me", frozenset({"memories:read"}))
    assert dispatcher.handle("GET", "/v1/tags", b"", [], b"", caller=reader).status == 200
    assert (
        dispatcher.handle("DELETE", f"/v1/memories/{UUID}", b"", [], b"", caller=reader).status
        == 403
    )
    assert [caller for _, caller, _, _, _ in service.calls] == [reader]


def test_each_answer_has_a_request_id_of_its_own(send):
    """`req_…`, in the envelope and in the header."""
    ids = {send("GET", "/v1/tags").json()["meta"]["request_id"] for _ in range(50)}
    assert len(ids) == 50
    assert all(name.startswith("req_") for name in ids)


def test_answers_are_not_to_be_stored_by_caches(send):
    """They hold memories, and differ by key."""
    assert send("GET", "/v1/tags").headers["cache-control"] == "no-store"


def test_a_service_that_lacks_an_operation_is_refused_at_the_start(service):
    """A new operation in the contract can't be forgotten."""
    del service.list_tags
    with pytest.raises(ContractError, match="list_tags"):
        Dispatcher(service)
