"""What `/mcp` answers to requests that no client of the official SDK sends."""

from __future__ import annotations

import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from memoryos_server.http.rate_limit import RateLimiter, parse_rate

from .http_server import PATIENCE_SECONDS, serving
from .official_client import IS_FIRST_GENERATION

pytestmark = pytest.mark.local_server

ACCEPT = "application/json, text/event-stream"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
SECRET = "sesame-open-telltale"


@pytest.fixture
def key(served):
    return served.new_key()


@pytest.fixture
def post(served, key):
    """A function that sends a message, or bytes, and returns the response."""
    with httpx.Client(timeout=PATIENCE_SECONDS) as client:

        def send(message=PING, **headers):
            content = message if isinstance(message, bytes) else json.dumps(message)
            headers = {name.replace("_", "-"): value for name, value in headers.items()}
            headers = {
                "authorization": f"Bearer {key}",
                "accept": ACCEPT,
                "content-type": "application/json",
                **headers,
            }
            kept = {name: value for name, value in headers.items() if value is not None}
            return client.post(served.url, content=content, headers=kept)

        yield send


def call(tool, /, **arguments):
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def test_an_answer_is_one_json_message_that_no_cache_keeps(post):
    response = post()
    assert response.status_code == 200
    assert response.json() == {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"].startswith("req_")
    assert "mcp-session-id" not in response.headers


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}},
        {"jsonrpc": "2.0", "id": 7, "result": {}},
        {"jsonrpc": "2.0", "id": 7, "error": {"code": 1, "message": SECRET}},
    ],
)
def test_a_message_that_is_no_request_is_accepted(post, message):
    """With 202 and no body, as the protocol has it."""
    response = post(message)
    assert (response.status_code, response.content) == (202, b"")


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"", -32700, "there is no message"),
        (b" \n", -32700, "there is no message"),
        (b"{", -32700, "not JSON"),
        (b"\xff", -32700, "not UTF-8"),
        (b"\xef\xbb\xbf{}", -32700, "byte order mark"),
        (b"[" * 100_000, -32700, "nested too deeply"),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": NaN}', -32700, "a number"),
        (b"[]", -32600, "batches are not supported"),
        (json.dumps([PING, PING]).encode(), -32600, "batches are not supported"),
        (b'"ping"', -32600, "must be a JSON object"),
        (b"{}", -32600, 'jsonrpc must be "2.0"'),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600, "id must be"),
        (b'{"jsonrpc": "2.0", "id": 1}', -32600, "not a message of MCP"),
        (b'{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}', -32600, "id must be"),
        (json.dumps(call("x") | {"params": []}).encode(), -32600, "not a message"),
        (json.dumps(call("x") | {"params": {"name": 1}}).encode(), -32602, "name of a tool"),
        (json.dumps(call("remember", content="\ud800")).encode(), -32600, "surrogate"),
    ],
)
def test_a_body_that_is_no_message_gets_the_error_of_the_protocol(post, body, code, said):
    response = post(body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == code
    assert said in error["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"accept": "text/html"}, 406),
        ({"content_type": "text/plain"}, 400),
        ({"content_type": None}, 400),
        ({"mcp_protocol_version": "1999-01-01"}, 400),
        ({"mcp_session_id": "of-another-server"}, 200),
        ({"last_event_id": "7"}, 200),
    ],
)
def test_headers_are_those_of_the_protocol(post, headers, status):
    """A session of another server doesn't matter, because there are none."""
    assert post(**headers).status_code == status


@pytest.mark.skipif(IS_FIRST_GENERATION, reason="1.x knows older revisions only")
def test_a_request_without_a_handshake_is_answered(post):
    """Of the revision 2026-07-28: each request says what its client is."""
    name = "io.modelcontextprotocol"
    meta = {f"{name}/protocolVersion": "2026-07-28", f"{name}/clientCapabilities": {}}
    discover = {**PING, "method": "server/discover", "params": {"_meta": meta}}
    headers = {"mcp_protocol_version": "2026-07-28", "mcp_method": "server/discover"}
    found = post(discover, **headers).json()["result"]
    assert "2026-07-28" in found["supportedVersions"]
    assert post(discover, **{**headers, "mcp_method": "ping"}).status_code == 400
    listen = {**discover, "method": "subscriptions/listen"}
    listen["params"] = {"_meta": meta, "notifications": {}}
    headers["mcp_method"] = "subscriptions/listen"
    assert post(listen, **headers).status_code == 404  # no stream that never ends


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD"])
def test_there_is_no_stream_and_no_session(served, key, method):
    """As the protocol lets a server say."""
    response = httpx.request(method, served.url, headers={"authorization": f"Bearer {key}"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST, OPTIONS")
    for headers in ({}, {"authorization": "Bearer mos_test_wrong"}):
        assert httpx.request(method, served.url, headers=headers).status_code == 401


@pytest.mark.parametrize("authorization", [None, "Bearer mos_test_wrong", "Basic abc", ""])
def test_without_a_valid_key_there_is_nothing(post, authorization):
    response = post(LIST, authorization=authorization)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer ")
    assert "tools" not in response.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:6274", 200),
        ("https://app.example", 200),
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
def test_web_pages_of_other_origins_are_refused(origin, status):
    """Even with a key."""
    with serving(origins=["https://app.example"]) as server:
        headers = {"authorization": f"Bearer {server.new_key()}", "accept": ACCEPT}
        response = httpx.post(server.url, json=PING, headers={**headers, "origin": origin})
    assert response.status_code == status


def test_a_body_that_is_too_long_is_refused(post, served, key):
    """By what it declares, before it is sent, and by its length."""
    assert post(b"x" * 1_200_000).status_code == 413
    assert post(call("remember", content="x" * 900_000)).status_code == 200
    host, port = served.address.split(":")
    with socket.create_connection((host, int(port)), PATIENCE_SECONDS) as connection:
        head = f"POST /mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        connection.sendall(f"{head}Content-Length: 100000000\r\n\r\n".encode())
        assert b" 413 " in connection.recv(65536)


def test_a_memory_may_contain_any_character(post):
    """As long as JSON can; and it comes back."""
    content = "line\u2028break, \N{PILE OF POO}, </script>, \x7f"
    stored = post(call("remember", content=content)).json()["result"]
    assert stored["structuredContent"]["memory"]["content"] == content


def test_the_rate_limit_counts_a_request_once():
    """However many operations a tool needs."""
    with serving(rate_limiter=RateLimiter(parse_rate("3/h"))) as server:
        headers = {"authorization": f"Bearer {server.new_key()}", "accept": ACCEPT}
        statuses = [
            httpx.post(server.url, json=call("search_memories", query="x"), headers=headers)
            for _ in range(4)
        ]
    assert [response.status_code for response in statuses] == [200, 200, 200, 429]
    assert int(statuses[-1].headers["retry-after"]) > 0


def test_neither_memories_nor_keys_are_logged(post, key, caplog):
    """Of valid requests, of those that the official SDK refuses, and of tools that fail."""
    with caplog.at_level(logging.DEBUG):
        post(call("remember", content=SECRET))
        post(call("remember", content=SECRET, other=SECRET))
        post({**PING, "method": SECRET, "params": {"a": SECRET}})
        post({**PING, "method": "tools/list", "params": {"cursor": {SECRET: SECRET}}})
        post({**PING, "method": "initialize", "params": {"protocolVersion": [SECRET]}})
        post(PING, mcp_protocol_version=SECRET)
        post({"jsonrpc": "2.0", "id": 7, "result": {"a": SECRET}})
        post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": SECRET})
    own = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert [record.name for record in own].count("memoryos_server.access") == 8
    assert SECRET not in "\n".join(record.getMessage() for record in own)
    assert key not in "\n".join(record.getMessage() for record in own)


def test_many_requests_at_once_get_their_own_answers(served, key):
    """Fifty clients, each with its own id, and its own memory."""

    def ask(number):
        headers = {"authorization": f"Bearer {key}", "accept": ACCEPT}
        with httpx.Client(headers=headers, timeout=PATIENCE_SECONDS) as client:
            message = {**call("remember", content=f"memory {number}"), "id": number}
            return client.post(served.url, json=message).json()

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(ask, range(50)))
    assert [answer["id"] for answer in answers] == list(range(50))
    contents = [each["result"]["structuredContent"]["memory"]["content"] for each in answers]
    assert contents == [f"memory {number}" for number in range(50)]
