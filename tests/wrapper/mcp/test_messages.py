"""Lines that are no message get an error response, and the next line is read."""

from __future__ import annotations

import codecs
import json

import pytest

from memoryos.mcp._messages import MAX_MESSAGE_BYTES, LineSplitter, read_message
from memoryos.mcp._sdk import check_message

PING = b'{"jsonrpc": "2.0", "id": 7, "method": "ping"}'


def call(arguments, **more):
    return json.dumps(
        {
            "jsonrpc": "2.0",
            "id": "a",
            "method": "tools/call",
            "params": {"name": "remember", "arguments": arguments},
            **more,
        }
    ).encode()


@pytest.mark.parametrize(
    ("line", "code", "request_id", "said"),
    [
        (b"hello", -32700, None, "not JSON"),
        (b'{"jsonrpc": "2.0", "id": 1, "met', -32700, None, "string starting at character 28"),
        (b"{'id': 1}", -32700, None, "not JSON"),
        (b"\x00\x01\xff\xfe", -32700, None, "not UTF-8 at byte 2"),
        (PING[:-3] + b"\xe9" + PING[-3:], -32700, None, "not UTF-8"),
        (codecs.BOM_UTF8 + PING, -32700, 7, "byte order mark"),
        (codecs.BOM_UTF16_LE + PING.decode().encode("utf-16-le"), -32700, 7, "byte order mark"),
        (PING.decode().encode("utf-16-le"), -32700, None, "not JSON"),
        (PING[:-1] + b', "x": NaN}', -32700, 7, "number"),
        (PING[:-1] + b', "x": -Infinity}', -32700, 7, "number"),
        (PING[:-1] + b', "x": ' + b"9" * 10_000 + b"}", -32700, None, "too many digits"),
        (PING[:-1] + b', "x": 1e999}', -32700, 7, "too large"),
        (call({"query": "tea", "threshold": 0}).replace(b"0}", b"-1e400}"), -32700, "a", "too l"),
        (b"[" * 200_000, -32700, None, "nested too deeply"),
        (
            b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"x": %s}}'
            % (b"[" * 300 + b"]" * 300),
            -32600,
            1,
            "not a message",
        ),
        (b"5", -32600, None, "must be a JSON object"),
        (b'"ping"', -32600, None, "must be a JSON object"),
        (b"null", -32600, None, "must be a JSON object"),
        (b"[]", -32600, None, "batches"),
        (b"[" + PING + b", " + PING + b"]", -32600, None, "batches"),
        (b"{}", -32600, None, "jsonrpc must be"),
        (b'{"jsonrpc": "1.0", "id": 3, "method": "ping"}', -32600, 3, "jsonrpc must be"),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600, None, "id must be"),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', -32600, None, "id must be"),
        (b'{"jsonrpc": "2.0", "id": true, "method": "ping"}', -32600, None, "id must be"),
        (b'{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}', -32600, None, "id must be"),
        (b'{"jsonrpc": "2.0", "id": 4}', -32600, 4, "not a message"),
        (b'{"jsonrpc": "2.0", "id": 4, "method": 5}', -32600, 4, "not a message"),
        (b'{"jsonrpc": "2.0", "id": 4, "method": "ping", "params": []}', -32600, 4, "not a mess"),
        (call({"content": "a\ud800"}), -32600, "a", "unpaired surrogate"),
        (call({"content": "x", "metadata": {"\udfff": 1}}), -32600, "a", "unpaired surrogate"),
        (call({"\ude00\ud83d": 1}), -32600, "a", "unpaired surrogate"),
        (call(["tea"]), -32602, "a", "arguments of a tool must be a JSON object"),
        (call('{"content": "tea"}'), -32602, "a", "arguments of a tool must be a JSON object"),
        (call({}, params={"name": 5}), -32602, "a", "name of a tool"),
        (call({}, params=None), -32602, "a", "name of a tool"),
        (None, -32600, None, "larger than 16 MiB"),
    ],
)
def test_a_line_that_is_no_message_gets_an_error(line, code, request_id, said):
    """With the request's id where it can be read, and without its content."""
    message = read_message(line, check_message)
    assert not message.text
    response = json.loads(message.error)
    assert response["jsonrpc"] == "2.0"
    assert response["id"] == request_id
    assert response["error"]["code"] == code
    assert said in response["error"]["message"]
    assert "\n" not in message.error
    assert "tea" not in message.error


@pytest.mark.parametrize(
    ("line", "request_id"),
    [
        (PING, 7),
        (b"  " + PING + b" \r", 7),
        (call({"content": "\U0001f600"}), "a"),  # escaped as a pair of surrogates
        (call(None), "a"),
        (call({}, params={"name": "list_memories"}), "a"),
        ('{"jsonrpc": "2.0", "id": "é", "method": "ping"}'.encode(), "é"),
        (b'{"jsonrpc": "2.0", "method": "notifications/initialized"}', None),
        (b'{"jsonrpc": "2.0", "id": 5, "result": {}}', None),
    ],
)
def test_a_message_is_passed_on(line, request_id):
    message = read_message(line, check_message)
    assert not message.error
    assert json.loads(message.text) == json.loads(line)
    assert message.request_id == request_id


@pytest.mark.parametrize("line", [b"", b"\r", b" \t "])
def test_an_empty_line_is_skipped(line):
    assert read_message(line, check_message) is None


def test_a_cancellation_names_the_request():
    line = b'{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "a"}}'
    assert read_message(line, check_message).cancelled_id == "a"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_split_whatever_the_pieces(size):
    """Only at line feeds, and one that is too long is skipped without keeping it."""
    data = b"one\ntwo\r\n\n" + "drei\u2028vier\x0b\x85".encode() + b"\n" + b"x" * 30 + b"\nlast"
    splitter = LineSplitter(limit=20)
    lines = []
    for start in range(0, len(data), size):
        lines += splitter.feed(data[start : start + size])
        assert sum(map(len, splitter._parts)) <= 20
    lines += splitter.last()
    assert lines == [b"one", b"two\r", b"", "drei\u2028vier\x0b\x85".encode(), None, b"last"]
    assert MAX_MESSAGE_BYTES > 1024**2
