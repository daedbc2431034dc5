"""The answers that a request gets for what it is, before the service has seen it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos_server.contract.validation_messages import shorten, summarize
from memoryos_server.model.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memoryos_server.contract.validation_messages import FieldError

__all__ = [
    "RefusedError",
    "forbidden",
    "invalid_key",
    "invalid_request",
    "method_not_allowed",
    "missing_key",
    "payload_too_large",
    "rate_limited",
    "slow_body",
    "unknown_path",
]

# RFC 6750, section 3: a challenge names at least one parameter, and no error where no key was sent.
_CHALLENGE = 'Bearer realm="Memory OS"'


class RefusedError(ServiceError):
    """A refused request; `headers` are those that HTTP wants beside the envelope."""

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


def unknown_path() -> RefusedError:
    """Return the 404 for a path that the contract does not have."""
    return RefusedError(404, "NOT_FOUND", "There is nothing at this path")


def method_not_allowed(method: str, allowed: Iterable[str]) -> RefusedError:
    """Return the 405 for a path that the contract has, but not with this method."""
    listed = ", ".join(allowed)
    message = f"{shorten(method)} is not allowed here; allowed: {listed}"
    return RefusedError(405, "METHOD_NOT_ALLOWED", message, {"Allow": listed})


def missing_key() -> RefusedError:
    """Return the 401 for a request without a key."""
    message = "Missing API key: send it in the header Authorization, as Bearer <key>"
    return RefusedError(401, "UNAUTHORIZED", message, {"WWW-Authenticate": _CHALLENGE})


def invalid_key() -> RefusedError:
    """Return the 401 for a key that is malformed, unknown, revoked or expired."""
    challenge = f'{_CHALLENGE}, error="invalid_token"'
    return RefusedError(401, "UNAUTHORIZED", "Invalid API key", {"WWW-Authenticate": challenge})


def forbidden(scope: str) -> RefusedError:
    """Return the 403 for a key without `scope`."""
    challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
    return RefusedError(
        403, "FORBIDDEN", f"Missing scope: {scope}", {"WWW-Authenticate": challenge}
    )


def payload_too_large(limit: int) -> RefusedError:
    """Return the 413 for a body of more than `limit` bytes."""
    return RefusedError(413, "PAYLOAD_TOO_LARGE", f"The body has more than {limit} bytes")


def slow_body(seconds: float) -> RefusedError:
    """Return the 408 for a body that has not arrived within `seconds`."""
    return RefusedError(
        408, "REQUEST_TIMEOUT", f"The body did not arrive within {seconds:g} seconds"
    )


def rate_limited(retry_after: float) -> RefusedError:
    """Return the 429 for a key that has used up its rate for the next `retry_after` seconds."""
    message = "Too many requests with this API key"
    return RefusedError(429, "RATE_LIMIT_EXCEEDED", message, retry_after=retry_after)


def invalid_request(errors: Sequence[FieldError]) -> ServiceError:
    """Return the 400 that names the rules which the request breaks."""
    details = {"errors": [{"field": error.field, "message": error.message} for error in errors]}
    return ServiceError(400, "VALIDATION_ERROR", summarize(errors), details)
