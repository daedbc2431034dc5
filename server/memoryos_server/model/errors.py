"""Service errors, as the error envelope of the contract describes them."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ReadOnlyStoreError",
    "ServiceError",
    "conflict",
    "forbidden",
    "invalid_key",
    "not_found",
    "unavailable",
    "validation_error",
]

UNAVAILABLE_RETRY_AFTER_SECONDS = 1.0
"""Default `Retry-After` of a 503 response."""


class ServiceError(Exception):
    """An error response.

    Args:
        status: HTTP status, 400 to 599.
        code: Error code of the contract, such as `NOT_FOUND`.
        message: Text for people. It contains no API keys and no memory content.
        details: More about the error, as JSON.
        retry_after: Seconds after which the client should retry, or None.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: dict[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details: dict[str, Any] = {} if details is None else details
        self.retry_after = retry_after


class ReadOnlyStoreError(ServiceError):
    """The store can be read but not written. A retry fails in the same way, hence the status 403.

    Args:
        message: Names the store, and says why it can't be written.
    """

    def __init__(self, message: str) -> None:
        super().__init__(403, "READ_ONLY", message)


def validation_error(field: str, problem: str) -> ServiceError:
    """Return the 400 error for a request that the schemas allow but the stored data doesn't.

    Args:
        field: The invalid field, such as `body.parent_memory_id`.
        problem: Why its value is invalid.
    """
    details = {"errors": [{"field": field, "message": problem}]}
    return ServiceError(400, "VALIDATION_ERROR", f"{field}: {problem}", details)


def invalid_key() -> ServiceError:
    """Return the 401 error for a malformed, unknown, revoked or expired API key."""
    return ServiceError(401, "UNAUTHORIZED", "Invalid API key")


def not_found(kind: str) -> ServiceError:
    """Return the 404 error for a missing record, such as `Memory`."""
    return ServiceError(404, "NOT_FOUND", f"{kind} not found")


def forbidden(message: str) -> ServiceError:
    """Return the 403 error for a key without a permission that some fields need."""
    return ServiceError(403, "FORBIDDEN", message)


def conflict(message: str) -> ServiceError:
    """Return a 409 error."""
    return ServiceError(409, "CONFLICT", message)


def unavailable(message: str, retry_after: float = UNAVAILABLE_RETRY_AFTER_SECONDS) -> ServiceError:
    """Return a 503 error that asks the client to retry after `retry_after` seconds."""
    return ServiceError(503, "UNAVAILABLE", message, retry_after=retry_after)
