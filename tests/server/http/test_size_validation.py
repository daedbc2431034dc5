"""What is larger than the server takes, though the contract sets no bound: each both ways."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from memoryos_server.http.request_limits import (
    MAX_LIST_ITEMS,
    MAX_METADATA_BYTES,
    MAX_NAME_CHARACTERS,
    MAX_QUERY_CHARACTERS,
    MAX_QUERY_STRING_BYTES,
)
from memoryos_server.http.strict_json import encode

MEMORY = "/v1/memories/7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
LONG = "é" * MAX_NAME_CHARACTERS
PADDING = len(encode({"k": ""}))


def metadata(size):
    return {"k": "x" * (size - PADDING)}


BODIES = [
    ("POST", "/v1/search", "query", lambda more: {"query": "x" * (MAX_QUERY_CHARACTERS + more)}),
    ("POST", "/v1/context", "query", lambda more: {"query": "x" * (MAX_QUERY_CHARACTERS + more)}),
    (
        "POST",
        "/v1/search",
        "tags",
        lambda more: {"query": "x", "tags": ["t"] * (MAX_LIST_ITEMS + more)},
    ),
    ("POST", "/v1/search", "tags", lambda more: {"query": "x", "tags": [LONG + "x" * more]}),
    (
        "POST",
        "/v1/search",
        "entities",
        lambda more: {"query": "x", "entities": [LONG + "x" * more]},
    ),
    (
        "POST",
        "/v1/memories",
        "metadata",
        lambda more: {"content": "x", "metadata": metadata(MAX_METADATA_BYTES + more)},
    ),
    ("PATCH", MEMORY, "metadata", lambda more: {"metadata": metadata(MAX_METADATA_BYTES + more)}),
    (
        "POST",
        "/v1/memories",
        "metadata.tags",
        lambda more: {"content": "x", "metadata": {"tags": ["t"] * (MAX_LIST_ITEMS + more)}},
    ),
    (
        "POST",
        "/v1/memories",
        "metadata.entities",
        lambda more: {"content": "x", "metadata": {"entities": [None, LONG + "x" * more]}},
    ),
    (
        "POST",
        "/v1/memories",
        "source_id",
        lambda more: {"content": "x", "source_id": LONG + "x" * more},
    ),
    (
        "POST",
        "/v1/memories",
        "external_id",
        lambda more: {"content": "x", "external_id": LONG + "x" * more},
    ),
    ("POST", "/v1/entities", "name", lambda more: {"name": LONG + "x" * more, "type": "thing"}),
    (
        "POST",
        "/v1/entities",
        "aliases",
        lambda more: {"name": "x", "type": "thing", "aliases": ["a"] * (MAX_LIST_ITEMS + more)},
    ),
    (
        "POST",
        "/v1/entities",
        "metadata",
        lambda more: {
            "name": "x",
            "type": "thing",
            "metadata": metadata(MAX_METADATA_BYTES + more),
        },
    ),
]


@pytest.mark.parametrize(("method", "path", "field", "body"), BODIES)
def test_a_field_is_taken_up_to_its_limit_and_refused_beyond(
    method, path, field, body, send, service, is_documented
):
    """One more is a 400 that names the field and the limit, and never reaches the service."""
    assert send(method, path, json_body=body(0)).status_code == 200
    service.calls.clear()
    refused = send(method, path, json_body=body(1))
    is_documented({"/v1/search": "search_memories"}.get(path, "create_memory"), refused)
    assert refused.status_code == 400
    (error,) = refused.json()["error"]["details"]["errors"]
    assert error["field"] == f"body.{field}"
    assert "at most" in error["message"]
    assert service.calls == []


def test_metadata_is_measured_as_it_is_stored(send):
    """Not as it is written: spaces and escapes count for nothing."""
    spaced = b'{"content": "x", "metadata": {"k": "' + b"\\u0078" * 60_000 + b'"}}' + b" " * 99_999
    assert send("POST", "/v1/memories", body=spaced).status_code == 200


def test_other_lists_in_metadata_may_be_of_any_length(send):
    """Only tags and entities are looked up one by one."""
    body = {"content": "x", "metadata": {"numbers": [1] * 9999, "tags": "not a list" * 999}}
    assert send("POST", "/v1/memories", json_body=body).status_code == 200


@pytest.mark.parametrize(("search", "status"), [(LONG, 200), (LONG + "x", 400)])
def test_a_search_for_a_name_has_the_same_limit(search, status, send, monkeypatch):
    """In characters; the length of the whole query string is another matter."""
    monkeypatch.setattr("memoryos_server.http.requests.MAX_QUERY_STRING_BYTES", 10**6)
    assert send("GET", "/v1/tags", query=f"search={quote(search)}".encode()).status_code == status


def test_a_query_string_has_a_limit(send, service):
    """It is not even taken apart."""
    short = b"search=" + b"x" * 4000
    assert send("GET", "/v1/tags", query=short).status_code == 200
    service.calls.clear()
    refused = send("GET", "/v1/tags", query=b"a=&" * MAX_QUERY_STRING_BYTES)
    (error,) = refused.json()["error"]["details"]["errors"]
    assert error == {
        "field": "query",
        "message": f"must have at most {MAX_QUERY_STRING_BYTES} bytes",
    }
    assert service.calls == []
