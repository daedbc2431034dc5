"""Reading answers: status and bytes in, the documented dict or a MemoryOSError out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, Dict, List, Mapping, NoReturn, Optional, Type, cast

from memoryos.exceptions import (
    AuthenticationError,
    ConflictError,
    InvalidResponseError,
    MemoryOSError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    ValidationError,
)

from . import json_codec
from .retry_after import retry_after

ERROR_CLASSES: Dict[int, Type[MemoryOSError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: ValidationError,
    429: RateLimitError,
}

_CUT_OFF = "its body is cut off"

# The wire's codes that the SDK's documentation calls by another name.
TRANSLATED_CODES = {"UNAUTHORIZED": "AUTHENTICATION_ERROR"}


class Expected(Enum):
    """What an operation hands out."""

    ITEM = "item"
    PAGE = "page"
    DELETION = "deletion"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. Header names are in lower case; a body with a defect is left out."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    defect: Optional[str] = None

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.content)} bytes)"  # content is the caller's own


def read(answer: Answer, *, expected: Expected, now: float) -> Any:
    """Return what the answer hands out: its `data`, or `data` and `meta` of a list.

    Args:
        answer: The answer.
        expected: What the operation hands out.
        now: The present, in seconds since the epoch, for a `Retry-After` that is a date.

    Raises:
        MemoryOSError: The answer is an error, or is not what the contract promises.
    """
    if not 200 <= answer.status < 300:
        raise error(answer, now)
    if answer.status == HTTPStatus.NO_CONTENT and expected is Expected.DELETION:
        return {"deleted": True}
    envelope = _envelope(answer)
    data = envelope["data"]
    if expected is not Expected.PAGE:
        return data if _object(data) is not None else _refuse(answer, "its data is not an object")
    meta = _object(envelope.get("meta"))
    if meta is None or not isinstance(data, list):
        _refuse(answer, "it is not a page of a list")
    return {"data": cast("List[object]", data), "meta": meta}


def error(answer: Answer, now: float) -> MemoryOSError:
    """Return the error that an answer stands for, which is not a success."""
    if answer.status < 400:
        return _invalid_response(answer, f"status {answer.status} is not an answer of Memory OS")
    body = _error_body(answer)
    wire_code = body.get("code")
    code = wire_code if isinstance(wire_code, str) and wire_code else f"HTTP_{answer.status}"
    details = dict(_object(body.get("details")) or {})
    translated = TRANSLATED_CODES.get(code, code)
    if translated != code:
        details.setdefault("wire_code", code)
    message = body.get("message")
    return _error_class(answer.status)(
        translated,
        message if isinstance(message, str) and message else _reason(answer.status),
        answer.status,
        request_id(answer),
        retry_after(answer.headers, now),
        details=details,
    )


def is_cut_off(failure: MemoryOSError) -> bool:
    """Return whether an answer began as the contract's and broke off, so that another try helps."""
    return isinstance(failure, InvalidResponseError) and bool(failure.details.get("cut_off"))


def _envelope(answer: Answer) -> Dict[str, Any]:
    if answer.defect is not None:
        _refuse(answer, answer.defect)
    try:
        envelope = _object(json_codec.decode(answer.content))
    except (ValueError, RecursionError) as cause:
        reason = _CUT_OFF if _is_half(answer.content, cause) else "its body is not JSON"
        raise _invalid_response(answer, reason) from cause
    if envelope is None:
        _refuse(answer, "its body is not a JSON object")
    if "data" not in envelope:
        _refuse(answer, "its body has no data")
    return envelope


def _is_half(content: bytes, cause: Exception) -> bool:
    """Return whether a body that is no JSON looks like the beginning of the contract's."""
    ends_early = isinstance(cause, json.JSONDecodeError) or (
        isinstance(cause, UnicodeDecodeError) and cause.end == len(content)
    )
    return ends_early and content.lstrip()[:1] == b"{"


def _error_body(answer: Answer) -> Dict[str, Any]:
    """Return the `error` object, or what can be made of a body that has none."""
    body = _lenient(answer).get("error")
    return {"message": body} if isinstance(body, str) else _object(body) or {}


def _lenient(answer: Answer) -> Dict[str, Any]:
    """Return the body's JSON object; an empty one where the body is something else."""
    try:
        return _object(json_codec.decode(answer.content)) or {}
    except (ValueError, RecursionError):
        return {}


def _object(value: Any) -> Optional[Dict[str, Any]]:
    return cast("Dict[str, Any]", value) if isinstance(value, dict) else None


def _error_class(status: int) -> Type[MemoryOSError]:
    return ERROR_CLASSES.get(status) or (ServerError if status >= 500 else MemoryOSError)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"The service answered with status {status}"


def request_id(answer: Answer) -> Optional[str]:
    """Return the service's name for the request, where the answer gives one."""
    meta = _object(_lenient(answer).get("meta")) or {}
    named = meta.get("request_id")
    return named if isinstance(named, str) else answer.headers.get("x-request-id")


def _refuse(answer: Answer, reason: str) -> NoReturn:
    raise _invalid_response(answer, reason)


def _invalid_response(answer: Answer, reason: str) -> InvalidResponseError:
    content_type = answer.headers.get("content-type", "")
    details: Dict[str, Any] = {
        "status": answer.status,
        "content_type": content_type,
        "length": len(answer.content),
    }
    if reason == _CUT_OFF:
        details["cut_off"] = True
    return InvalidResponseError(
        "INVALID_RESPONSE",
        f"The answer is not one of Memory OS: {reason} (status {answer.status}, "
        f"{content_type or 'no content type'}). Is base_url right?",
        HTTPStatus.BAD_GATEWAY.value,
        request_id(answer),
        details=details,
    )
