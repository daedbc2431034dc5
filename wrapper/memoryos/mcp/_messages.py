"""Split standard input into messages, and find those that the official SDK can't answer. Pure.

The SDK leaves a line that it can't read without an answer, and the host waits for one.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from memoryos._protocol.json_nesting import check_nesting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MAX_MESSAGE_BYTES", "LineSplitter", "Message", "no_message", "read_message"]

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
    is_response: bool = False
    """Whether the message is the client's response to a request of the server."""
    answered_id: Any = None
    """Id of that request."""


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
        return Message(error=_InvalidMessageError(INVALID_REQUEST, reason).response())
    line = line.strip(_WHITESPACE)
    if not line:
        return None
    try:
        text, value = _decode(line)
        return _validated(text, _object(value), check)
    except _InvalidMessageError as invalid:
        return Message(error=invalid.response())


def no_message() -> Message:
    """Return the error response for an empty text where a message must be."""
    return Message(error=_InvalidMessageError(PARSE_ERROR, "there is no message").response())


class _InvalidMessageError(Exception):
    """The official SDK can't read a line, or would not answer it."""

    def __init__(self, code: int, reason: str, request_id: Any = None) -> None:
        super().__init__(reason)
        self._error = {"code": code, "message": f"{_KINDS[code]}: {reason}"}
        self._request_id = request_id

    def response(self) -> str:
        """Return the JSON of the error response."""
        return json.dumps({"jsonrpc": "2.0", "id": self._request_id, "error": self._error})


def _decode(line: bytes) -> tuple[str, Any]:
    """Return a line as text, and the value that it encodes."""
    request_id = None
    if line.startswith(_BYTE_ORDER_MARKS):
        reason = "the message begins with a byte order mark (BOM); send UTF-8 without one"
        raise _InvalidMessageError(PARSE_ERROR, reason, _readable_id(line))
    try:
        text = line.decode("utf-8")
        check_nesting(text)
        return text, json.loads(text, parse_constant=_reject_constant, parse_float=_finite_float)
    except UnicodeDecodeError as error:
        reason = f"the message is not UTF-8 at byte {error.start}"
    except RecursionError:
        reason = "the JSON is nested too deeply"
    except json.JSONDecodeError as error:
        problem = error.msg.removesuffix(" at")  # "Unterminated string starting at"
        reason = f"the message is not JSON: {problem} at character {error.pos}"
    except ValueError:
        reason = "the message has a number that is not JSON, is too large, or has too many digits"
        request_id = _readable_id(line)
    raise _InvalidMessageError(PARSE_ERROR, reason, request_id)


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        reason = "batches are not supported; send one message at a time"
        raise _InvalidMessageError(INVALID_REQUEST, reason)
    if not isinstance(value, dict):
        raise _InvalidMessageError(INVALID_REQUEST, "a message must be a JSON object")
    return cast("dict[str, Any]", value)


def _validated(text: str, message: dict[str, Any], check: Callable[[str], None]) -> Message:
    if "id" in message and not _is_id(message["id"]):
        raise _InvalidMessageError(INVALID_REQUEST, "id must be a string or an integer")
    request_id = message.get("id")
    if _MAY_BE_SURROGATE.search(text) and not _is_encodable(message):
        reason = "a string contains an unpaired surrogate; send complete characters"
        raise _InvalidMessageError(INVALID_REQUEST, reason, request_id)
    if message.get("jsonrpc") != "2.0":
        raise _InvalidMessageError(INVALID_REQUEST, 'jsonrpc must be "2.0"', request_id)
    try:
        check(text)
    except (ValueError, RecursionError):
        # Without the SDK's words, which quote the message.
        reason = "this is not a message of MCP"
        raise _InvalidMessageError(INVALID_REQUEST, reason, request_id) from None
    if "method" not in message:
        return Message(text, is_response=True, answered_id=request_id)
    wrong = _wrong_call(message.get("params")) if message["method"] == "tools/call" else ""
    if wrong:
        raise _InvalidMessageError(INVALID_PARAMS, wrong, request_id)
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


def _finite_float(text: str) -> float:
    """Parse a number. The SDK 1.x replaces an infinite one with null, which is another value."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number
