"""Size limits that the contract's schemas can't express; the others: test_assumed_limits.py."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from memoryos_server.contract.strict_json import encode
from memoryos_server.http import request_limits as limits
from memoryos_server.http.request_limits import MAX_METADATA_BYTES, MAX_QUERY_STRING_BYTES

MEMORY = "/v1/memories/7f2c1f0e-9d5b-4c1e-8a53-0f6b7f6c2d11"
LONG = "é" * 4096
PADDING = len(encode({"k": ""}))


def metadata(size):
    return {"k": "x" * (size - PADDING)}


BODIES = [
    ("POST", "/v1/memories", lambda size: {"content": "x", "metadata": metadata(size)}),
    ("PATCH", MEMORY, lambda size: {"metadata": metadata(size)}),
    (
        "POST",
        "/v1/entities",
        lambda size: {"name": "x", "type": "thing", "metadata": metadata(size)},
    ),
]


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
def test_metadata_is_accepted_up_to_its_limit(method, path, body, send, service, is_documented):
    """One more byte is a 400 that names the field and the limit, and never reaches the service."""
    assert send(method, path, json_body=body(MAX_METADATA_BYTES)).status_code == 200
    service.calls.clear()
    refused = send(method, path, json_body=body(MAX_METADATA_BYTES + 1))
    is_documented("create_memory", refused)
    assert refused.status_code == 400
    (error,) = refused.json()["error"]["details"]["errors"]
    assert error["field"] == "body.metadata"
    assert error["message"] == f"must have at most {MAX_METADATA_BYTES} bytes as JSON"
    assert service.calls == []


def test_metadata_is_measured_as_it_is_stored(send):
    """Not as it is written: spaces and escapes count for nothing."""
    spaced = b'{"content": "x", "metadata": {"k": "' + b"\\u0078" * 60_000 + b'"}}' + b" " * 99_999
    assert send("POST", "/v1/memories", body=spaced).status_code == 200


@pytest.mark.parametrize("odd", [None, 7, True, {"a": "b"}, "not a list" * 999, [None, 7, ["x"]]])
@pytest.mark.parametrize("key", ["tags", "entities"])
def test_metadata_may_hold_anything_under_the_keys_that_searches_use(key, odd, send):
    """What is not a list of strings is stored, and not read as tags or entities."""
    body = {"content": "x", "metadata": {key: odd, "numbers": [1] * 9999}}
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


def test_the_contract_states_the_limits_that_its_schemas_can_not_express(document):
    """In its own words, with the server's numbers."""
    text = " ".join(document["info"]["description"].split())
    assert f"up to {limits.MAX_BODY_BYTES} bytes" in text
    assert f"within {limits.BODY_TIMEOUT_SECONDS:g} seconds" in text
    assert f"up to {MAX_QUERY_STRING_BYTES} bytes" in text
    metadata = document["components"]["schemas"]["Metadata"]["description"]
    assert f"at most {MAX_METADATA_BYTES} bytes" in metadata
