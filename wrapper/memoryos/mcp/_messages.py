"""Split standard input into messages, and find those that the official SDK can't answer. Pure.

The SDK leaves a line that it can't read without an answer, and the host waits for one.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from memoryos._protocol.json_nesting import check_nesting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MAX_MESSAGE_BYTES", "LineSplitter", "Message", "read_message"]

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Longer messages are not read into memory."""

PARSE_ERROR, INVALID_REQUEST, INVALID_PARAMS = -32700, -32600, -32602
_KINDS = {
    PARSE_ERROR: "Parse error",
    INVALID_REQUEST: "Invalid request",
    INVALID_PARAMS: "Invalid parameters",
}

_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAY_BE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_WHITESPACE = b" \t\r\n"


class Message(NamedTuple):
    """One line of standard input."""

    text: str = ""
    """The message, for the SDK; empty if it is invalid."""
    request_id: Any = None
    """Id of the request; None if the message is not a request."""
    cancelled_id: Any = None
    """Id of the request that the message cancels."""
    error: str = ""
    """JSON of the error response to an invalid message."""


class LineSplitter:
    """Splits a stream of bytes into lines, and skips lines that are too long.

    Args:
        limit: Longest line, in bytes.
    """

    def __init__(self, limit: int = MAX_MESSAGE_BYTES) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[bytes | None]:
        """Yield the lines that are complete with these bytes; None for one that is too long."""
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._add(end)
            yield self._take()
        self._add(rest)

    def last(self) -> Iterator[bytes | None]:
        """Yield the last line if it has no line break."""
        if self._size:
            yield self._take()

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._limit:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _take(self) -> bytes | None:
        line = None if self._size > self._limit else b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        return line


def read_message(line: bytes | None, check: Callable[[str], None]) -> Message | None:
    """Return the message of a line, or None for an empty line.

    Args:
        line: The line; None for one that is too long.
        check: Raises an exception for a text that the SDK doesn't accept.
    """
    if line is None:
        reason = f"a message must not be larger than {MAX_MESSAGE_BYTES // 1024**2} MiB"
        return _invalid(INVALID_REQUEST, reason)
    line = line.strip(_WHITESPACE)
    if not line:
        return None
    if line.startswith(_BYTE_ORDER_MARKS):
        reason = "the line begins with a byte order mark (BOM); send UTF-8 without one"
        return _invalid(PARSE_ERROR, reason, _readable_id(line))
    try:
        text = line.decode("utf-8")
        check_nesting(text)
        value = json.loads(text, parse_constant=_reject_constant)
    except UnicodeDecodeError as error:
        return _invalid(PARSE_ERROR, f"the line is not UTF-8 at byte {error.start}")
    except RecursionError:
        return _invalid(PARSE_ERROR, "the JSON is nested too deeply")
    except json.JSONDecodeError as error:
        return _invalid(PARSE_ERROR, f"the line is not JSON: {error.msg.removesuffix(' at')} at character {error.pos}")
    except ValueError:
        reason = "the line has a number that is not JSON, or has too many digits"
        return _invalid(PARSE_ERROR, reason, _readable_id(line))
    return _read_value(value, text, check)


def _read_value(value: Any, text: str, check: Callable[[str], None]) -> Message:
    if isinstance(value, list):
        return _invalid(INVALID_REQUEST, "batches are not supported; send one message per line")
    if not isinstance(value, dict):
        return _invalid(INVALID_REQUEST, "a message must be a JSON object")
    message = cast("dict[str, Any]", value)
    if "id" in message and not _is_id(message["id"]):
        return _invalid(INVALID_REQUEST, "id must be a string or an integer")
    request_id = message.get("id")
    if _MAY_BE_SURROGATE.search(text) and not _is_encodable(value):
        reason = "a string contains an unpaired surrogate; send complete characters"
        return _invalid(INVALID_REQUEST, reason, request_id)
    if message.get("jsonrpc") != "2.0":
        return _invalid(INVALID_REQUEST, 'jsonrpc must be "2.0"', request_id)
    try:
        check(text)
    except (ValueError, RecursionError):
        # Without the SDK's words, which quote the message.
        return _invalid(INVALID_REQUEST, "this is not a message of MCP", request_id)
    if "method" not in message:
        return Message(text)  # the response to a request of ours
    if message["method"] == "tools/call" and (reason := _wrong_call(message.get("params"))):
        return _invalid(INVALID_PARAMS, reason, request_id)
    return Message(text, request_id, cancelled_id=_cancelled_id(message))


def _wrong_call(params: Any) -> str:
    """Return what is wrong with the form of a tool's call; the tool checks the arguments."""
    if not isinstance(params, dict) or not isinstance(cast("Any", params).get("name"), str):
        return "tools/call needs the name of a tool"
    if not isinstance(cast("Any", params).get("arguments"), (dict, type(None))):
        return "the arguments of a tool must be a JSON object"
    return ""


def _readable_id(line: bytes) -> Any:
    """Return the id of a message that only a tolerant parser reads, or None."""
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    request_id = cast("dict[str, Any]", value).get("id") if isinstance(value, dict) else None
    return request_id if _is_id(request_id) else None


def _cancelled_id(message: dict[str, Any]) -> Any:
    params = message.get("params")
    if message["method"] != "notifications/cancelled" or not isinstance(params, dict):
        return None
    cancelled_id = cast("dict[str, Any]", params).get("requestId")
    return cancelled_id if _is_id(cancelled_id) else None


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and _is_encodable(value)


def _is_encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def _invalid(code: int, reason: str, request_id: Any = None) -> Message:
    error = {"code": code, "message": f"{_KINDS[code]}: {reason}"}
    return Message(error=json.dumps({"jsonrpc": "2.0", "id": request_id, "error": error}))
