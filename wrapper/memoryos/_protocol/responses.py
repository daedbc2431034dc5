"""Read responses: turn status and bytes into the documented dict, or a MemoryOSError."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, Dict, Iterator, List, Mapping, NoReturn, Optional, Type, cast

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
from .json_steps import decode_in_steps
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

MAX_ERROR_BODY_BYTES = 1024 * 1024
"""Limit of the bodies of errors that are decoded; of larger ones, only status and headers count."""

_CUT_OFF = "its body is cut off"

# Codes of the HTTP API that the SDK's documentation gives another name.
TRANSLATED_CODES = {"UNAUTHORIZED": "AUTHENTICATION_ERROR"}


class ResponseKind(Enum):
    """How a success is read."""

    ITEM = "item"
    """Return the envelope's `data`, an object."""
    PAGE = "page"
    """Return `data`, a list, and `meta`."""
    DELETION = "deletion"
    """Return `data`; a response without content is a deletion too."""
    OTHER = "other"
    """Return the whole body; None for no content."""
    RAW = "raw"
    """Return None; the body may be anything that was received in full."""


# What a response keeps of its body, once it is decoded.
_JSON, _ERROR, _IS_NOT_JSON = "_json", "_error", "_is_not_json"

_NO_CONTENT = 204
_MAY_BE_EMPTY = frozenset({ResponseKind.DELETION, ResponseKind.OTHER})


@dataclass(repr=False)
class HTTPResponse:
    """An HTTP response. Header names are in lower case; a body with a defect is left out."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    defect: Optional[str] = None

    def __repr__(self) -> str:
        return f"HTTPResponse({self.status}, {len(self.content)} bytes)"  # content is private

    def json(self) -> Any:
        """Return the JSON value of the body, which is decoded once.

        Raises:
            ValueError: It is not JSON.
            RecursionError: It is nested too deeply.
        """
        kept = self.__dict__  # not attributes of the dataclass, which is frozen
        if _ERROR in kept:
            raise kept.pop(_ERROR)
        if _JSON not in kept:
            kept[_IS_NOT_JSON] = True
            kept[_JSON] = json_codec.decode(self.content)
            kept[_IS_NOT_JSON] = False
        return kept[_JSON]

    def decode(self) -> Iterator[None]:
        """Decode the body for `json`, and pause where that takes long.

        An event loop should get a turn at each pause. Bodies of errors need no such care: only
        small ones are decoded.
        """
        if not 200 <= self.status < 300 or self.defect is not None:
            return
        kept = self.__dict__
        try:
            kept[_JSON] = yield from decode_in_steps(self.content)
        except (ValueError, RecursionError) as error:
            kept[_IS_NOT_JSON], kept[_ERROR] = True, error.with_traceback(None)

    def json_or_none(self) -> Any:
        """Return the JSON value of the body; None if it is something else, or large."""
        is_large = len(self.content) > MAX_ERROR_BODY_BYTES
        if _JSON not in self.__dict__ and (is_large or self.__dict__.get(_IS_NOT_JSON)):
            return None
        try:
            return self.json()
        except (ValueError, RecursionError):
            return None


def read(response: HTTPResponse, *, kind: ResponseKind, now: float) -> Any:
    """Return the result in a response: its `data`, or `data` and `meta` of a list.

    Args:
        response: The response.
        kind: How a success of the operation is read.
        now: The current time, in seconds since the epoch, for a `Retry-After` that is a date.

    Raises:
        MemoryOSError: The response is an error, or does not match the contract.
    """
    if not 200 <= response.status < 300:
        raise error(response, now)
    if kind is ResponseKind.RAW:
        return None if response.defect is None else _reject(response, response.defect)
    if response.status == _NO_CONTENT and kind in _MAY_BE_EMPTY:
        return {"deleted": True} if kind is ResponseKind.DELETION else None
    body = _body(response, kind)
    if kind is ResponseKind.OTHER:
        return body
    data = _data(response, body)
    if kind is not ResponseKind.PAGE:
        if _object(data) is None:
            _reject(response, "its data is not an object")
        return data
    meta = _object(body.get("meta"))
    if meta is None or not isinstance(data, list):
        _reject(response, "it is not a page of a list")
    items = cast("List[object]", data)
    if not {*map(type, items)} <= {dict}:  # a loop in C: pages have up to 100 items
        _reject(response, "its data contains items that are not objects")
    return {"data": items, "meta": meta}


def error(response: HTTPResponse, now: float) -> MemoryOSError:
    """Return the error for a response that is not a success."""
    if response.status < 400:
        return _invalid_response(response, f"status {response.status} is not documented")
    body = _error_body(response)
    wire_code = body.get("code")
    code = wire_code if isinstance(wire_code, str) and wire_code else f"HTTP_{response.status}"
    details = dict(_object(body.get("details")) or {})
    translated = TRANSLATED_CODES.get(code, code)
    if translated != code:
        details.setdefault("wire_code", code)
    message = body.get("message")
    return _error_class(response.status)(
        translated,
        message if isinstance(message, str) and message else _reason(response.status),
        response.status,
        request_id(response),
        retry_after(response.headers, now),
        details=details,
    )


def invalid_message(reason: str) -> InvalidResponseError:
    """Return the error for bytes that are not one unambiguous HTTP response."""
    return InvalidResponseError(
        "INVALID_RESPONSE",
        f"The response is not valid HTTP/1.1: {reason}. Is base_url right?",
        HTTPStatus.BAD_GATEWAY.value,
    )


def is_cut_off(failure: MemoryOSError) -> bool:
    """Return whether a response was cut off, so that another attempt may help."""
    return isinstance(failure, InvalidResponseError) and bool(failure.details.get("cut_off"))


def _body(response: HTTPResponse, kind: ResponseKind) -> Any:
    """Return the JSON value of the body."""
    if response.defect is not None:
        _reject(response, response.defect)
    try:
        return response.json()
    except (ValueError, RecursionError) as cause:
        # An envelope is an object: half a list would be rejected as a whole one too.
        opening = "{[" if kind is ResponseKind.OTHER else "{"
        is_cut_off = json_codec.is_cut_off(response.content, cause, opening=opening)
        reason = _CUT_OFF if is_cut_off else "its body is not JSON"
        raise _invalid_response(response, reason) from cause


def _data(response: HTTPResponse, body: Any) -> Any:
    """Return the `data` of an envelope."""
    envelope = _object(body)
    if envelope is None:
        _reject(response, "its body is not a JSON object")
    if "data" not in envelope:
        _reject(response, "its body has no data")
    return envelope["data"]


def _error_body(response: HTTPResponse) -> Dict[str, Any]:
    """Return the `error` object; of other bodies, whatever message they have."""
    body = (_object(response.json_or_none()) or {}).get("error")
    return {"message": body} if isinstance(body, str) else _object(body) or {}


def _object(value: Any) -> Optional[Dict[str, Any]]:
    found: Any = value  # `cast` would be a call
    return found if isinstance(value, dict) else None


def _error_class(status: int) -> Type[MemoryOSError]:
    return ERROR_CLASSES.get(status) or (ServerError if status >= 500 else MemoryOSError)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"The service answered with status {status}"


def request_id(response: HTTPResponse) -> Optional[str]:
    """Return the request id, if the response has one."""
    body = _object(response.json_or_none()) or {}
    meta = _object(body.get("meta")) or {}
    named = meta.get("request_id")
    return named if isinstance(named, str) else response.headers.get("x-request-id")


def _reject(response: HTTPResponse, reason: str) -> NoReturn:
    raise _invalid_response(response, reason)


def _invalid_response(response: HTTPResponse, reason: str) -> InvalidResponseError:
    content_type = response.headers.get("content-type", "")
    details: Dict[str, Any] = {
        "status": response.status,
        "content_type": content_type,
        "length": len(response.content),
    }
    if reason == _CUT_OFF:
        details["cut_off"] = True
    return InvalidResponseError(
        "INVALID_RESPONSE",
        f"The response is not one of Memory OS: {reason} (status {response.status}, "
        f"{content_type or 'no content type'}). Is base_url right?",
        HTTPStatus.BAD_GATEWAY.value,
        request_id(response),
        details=details,
    )
