"""HTTP responses: the envelopes of the contract, encoded as JSON, and their headers."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from memoryos_server.contract.features import FEATURES, FEATURES_HEADER
from memoryos_server.contract.strict_json import encode
from memoryos_server.model.errors import ServiceError

from .http_errors import INVALID_KEY_CHALLENGE, HTTPError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memoryos_server.service.results import Result

__all__ = [
    "Response",
    "content_response",
    "error_response",
    "internal_error_response",
    "json_response",
    "options_response",
    "server_options_response",
    "success_response",
    "without_body",
]

_SUPPORTED = (FEATURES_HEADER, ", ".join(FEATURES))
_NO_HEADERS: Mapping[str, str] = {}


class Response(NamedTuple):
    """An HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def success_response(result: Result, request_id: str) -> Response:
    """Return the 200 response with the envelope of `result`.

    Raises:
        ValueError: The result contains a number or string that JSON can't represent.
    """
    meta = {**result.meta, "request_id": request_id}
    return json_response(200, {"data": result.data, "meta": meta}, request_id)


def error_response(error: ServiceError, request_id: str) -> Response:
    """Return the response with the error envelope of `error`."""
    headers = dict(error.headers) if isinstance(error, HTTPError) else {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", INVALID_KEY_CHALLENGE)
    if error.retry_after is not None:
        # The header has whole seconds. Rounding up keeps the client from retrying too early.
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    content = {"code": error.code, "message": error.message, "details": error.details}
    envelope = {"error": content, "meta": {"request_id": request_id}}
    return json_response(error.status, envelope, request_id, headers)


def internal_error_response(request_id: str) -> Response:
    """Return the 500 response for an unhandled exception, without any of its details."""
    message = "Something went wrong inside the service"
    return error_response(ServiceError(500, "INTERNAL_ERROR", message), request_id)


def options_response(methods: Iterable[str], request_id: str) -> Response:
    """Return the response to an OPTIONS request: the methods that the path supports."""
    headers = (("Allow", ", ".join(methods)), ("X-Request-Id", request_id), _SUPPORTED)
    return Response(204, headers, b"")


def server_options_response(methods: Iterable[str], request_id: str) -> Response:
    """Return the response to `OPTIONS *`: the methods that the server supports anywhere."""
    listed = list(methods)
    envelope = {"data": {"methods": listed}, "meta": {"request_id": request_id}}
    return json_response(200, envelope, request_id, {"Allow": ", ".join(listed)})


def without_body(response: Response) -> Response:
    """Return the response to a HEAD request: GET's headers, `Content-Length` included."""
    return response._replace(body=b"")


def json_response(
    status: int, envelope: Any, request_id: str, headers: Mapping[str, str] = _NO_HEADERS
) -> Response:
    """Return a response with `envelope` as JSON, which no cache may store.

    Raises:
        ValueError: The envelope contains a number or string that JSON can't represent.
    """
    return _response(status, "application/json", encode(envelope), request_id, headers)


def content_response(
    content_type: str, body: bytes, request_id: str, headers: Mapping[str, str] = _NO_HEADERS
) -> Response:
    """Return the 200 response with a body of any type."""
    return _response(200, content_type, body, request_id, headers)


def _response(
    status: int, content_type: str, body: bytes, request_id: str, headers: Mapping[str, str]
) -> Response:
    return Response(
        status,
        (
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),  # responses contain memories and differ by key
            ("X-Request-Id", request_id),
            _SUPPORTED,
            *headers.items(),
        ),
        body,
    )
