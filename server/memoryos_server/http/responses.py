"""The answers on the wire: the contract's envelopes as bytes, with their headers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from memoryos_server.model.errors import ServiceError

from .http_errors import RefusedError
from .strict_json import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memoryos_server.service.results import Answer

__all__ = ["Response", "allowing", "failure", "headers_only", "internal_error", "success"]

_NO_HEADERS: Mapping[str, str] = {}


class Response(NamedTuple):
    """What goes back to the client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def success(answer: Answer, request_id: str) -> Response:
    """Return the envelope of `answer`.

    Raises:
        ValueError: the answer holds a number or a string that JSON can't carry.
    """
    meta = {**answer.meta, "request_id": request_id}
    return _json(200, {"data": answer.data, "meta": meta}, request_id)


def failure(error: ServiceError, request_id: str) -> Response:
    """Return the envelope of `error`."""
    headers = dict(error.headers) if isinstance(error, RefusedError) else {}
    if error.retry_after is not None:
        # The header has whole seconds; rounded up, or the client would come back too early.
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    content = {"code": error.code, "message": error.message, "details": error.details}
    envelope = {"error": content, "meta": {"request_id": request_id}}
    return _json(error.status, envelope, request_id, headers)


def internal_error(request_id: str) -> Response:
    """Return the envelope for what nobody foresaw; it says nothing about the inside."""
    message = "Something went wrong inside the service"
    return failure(ServiceError(500, "INTERNAL_ERROR", message), request_id)


def allowing(methods: Iterable[str], request_id: str) -> Response:
    """Return the answer to OPTIONS: the methods that a path takes."""
    return Response(204, (("Allow", ", ".join(methods)), ("X-Request-Id", request_id)), b"")


def headers_only(response: Response) -> Response:
    """Return what HEAD gets: the answer to GET without its body, its length still told."""
    return response._replace(body=b"")


def _json(
    status: int, envelope: Any, request_id: str, headers: Mapping[str, str] = _NO_HEADERS
) -> Response:
    body = encode(envelope)
    return Response(
        status,
        (
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),  # answers hold memories and differ by key
            ("X-Request-Id", request_id),
            *headers.items(),
        ),
        body,
    )
