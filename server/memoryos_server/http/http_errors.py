"""HTTP errors raised before the request reaches the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.contract.field_errors import shorten, summarize
from memoryos_server.model.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memoryos_server.contract.field_errors import FieldError

__all__ = [
    "INVALID_KEY_CHALLENGE",
    "HTTPError",
    "body_timeout",
    "head_timeout",
    "invalid_request",
    "invalid_target",
    "malformed_request",
    "method_not_allowed",
    "missing_key",
    "not_encrypted",
    "payload_too_large",
    "permission_denied",
    "rate_limited",
    "too_many_invalid_keys",
    "unknown_path",
    "unsupported_version",
]

# RFC 6750, section 3: a challenge has at least one parameter, and no `error` if no key was sent.
_CHALLENGE = 'Bearer realm="Memory OS"'
INVALID_KEY_CHALLENGE = f'{_CHALLENGE}, error="invalid_token"'
"""The `WWW-Authenticate` header of a response to a request whose API key isn't valid."""

_MALFORMED = {
    400: ("VALIDATION_ERROR", "The request is not valid HTTP/1.1"),
    414: ("URI_TOO_LONG", "The request target is too long"),
    431: ("HEADERS_TOO_LARGE", "The headers are too large"),
    501: ("NOT_IMPLEMENTED", "The only supported transfer coding is chunked"),
}


class HTTPError(ServiceError):
    """An error response with HTTP headers.

    Args:
        status: HTTP status, 400 to 599.
        code: Error code, such as `UNAUTHORIZED`.
        message: Text for people.
        headers: Response headers besides those of every response.
        retry_after: Seconds after which the client should retry, or None.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: dict[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(status, code, message, retry_after=retry_after)
        self.headers: dict[str, str] = {} if headers is None else headers


def unknown_path() -> HTTPError:
    """Return the 404 error for a path that isn't in the contract."""
    return HTTPError(404, "NOT_FOUND", "This path does not exist")


def method_not_allowed(method: str, allowed: Iterable[str]) -> HTTPError:
    """Return the 405 error for a method that the path doesn't support."""
    listed = ", ".join(allowed)
    message = f"The method {shorten(method)} is not allowed for this path; use one of: {listed}"
    return HTTPError(405, "METHOD_NOT_ALLOWED", message, {"Allow": listed})


def missing_key() -> HTTPError:
    """Return the 401 error for a request without an API key."""
    message = "Missing API key; send it as `Authorization: Bearer <key>`"
    return HTTPError(401, "UNAUTHORIZED", message, {"WWW-Authenticate": _CHALLENGE})


def permission_denied(scope: str) -> HTTPError:
    """Return the 403 error for a key without the permission `scope`."""
    challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
    return HTTPError(403, "FORBIDDEN", f"Missing scope: {scope}", {"WWW-Authenticate": challenge})


def payload_too_large(limit: int) -> HTTPError:
    """Return the 413 error for a body of more than `limit` bytes."""
    return HTTPError(413, "PAYLOAD_TOO_LARGE", f"The body has more than {limit} bytes")


def body_timeout(seconds: float) -> HTTPError:
    """Return the 408 error for a body that did not arrive within `seconds`."""
    return HTTPError(408, "REQUEST_TIMEOUT", f"The body did not arrive within {seconds:g} seconds")


def head_timeout(seconds: float) -> HTTPError:
    """Return the 408 error for a request whose headers did not arrive within `seconds`."""
    message = f"The headers did not arrive within {seconds:g} seconds"
    return HTTPError(408, "REQUEST_TIMEOUT", message)


def invalid_target() -> HTTPError:
    """Return the 400 error for a request target that is neither a path nor an HTTP URL."""
    return HTTPError(400, "VALIDATION_ERROR", "The request target is neither a path nor a URL")


def malformed_request(status: int) -> HTTPError:
    """Return the error for a message that is not valid HTTP/1.1, or exceeds a limit.

    Args:
        status: 400, 414, 431 or 501.
    """
    code, message = _MALFORMED.get(status, _MALFORMED[400])
    return HTTPError(status if status in _MALFORMED else 400, code, message)


def unsupported_version() -> HTTPError:
    """Return the 505 error for a request with another major version of HTTP."""
    return HTTPError(505, "HTTP_VERSION_NOT_SUPPORTED", "The server supports HTTP/1.1 only")


def too_many_invalid_keys(retry_after: float) -> HTTPError:
    """Return the 429 error for an unknown key from an address that has sent many invalid ones."""
    message = "Too many requests with invalid API keys from this address"
    return HTTPError(429, "RATE_LIMIT_EXCEEDED", message, retry_after=retry_after)


def not_encrypted() -> HTTPError:
    """Return the 400 error for a request without TLS to a server with TLS."""
    message = "The server speaks HTTPS only; begin its address with https://"
    return HTTPError(400, "VALIDATION_ERROR", message)


def rate_limited(retry_after: float) -> HTTPError:
    """Return the 429 error for a key that may send its next request in `retry_after` seconds."""
    message = "Too many requests with this API key"
    return HTTPError(429, "RATE_LIMIT_EXCEEDED", message, retry_after=retry_after)


def invalid_request(errors: Sequence[FieldError]) -> ServiceError:
    """Return the 400 error that lists the invalid fields."""
    details = {"errors": [{"field": error.field, "message": error.message} for error in errors]}
    return ServiceError(400, "VALIDATION_ERROR", summarize(errors), details)
