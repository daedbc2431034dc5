"""What goes wrong in the service, in the terms of the contract's error envelope."""

from __future__ import annotations

from typing import Any

__all__ = ["ServiceError", "conflict", "not_found", "unavailable", "validation_error"]


class ServiceError(Exception):
    """An answer that is not a success.

    Args:
        status: the HTTP status, 400 to 599.
        code: the contract's name for it, such as `NOT_FOUND`.
        message: a sentence for people, without content of memories and without keys.
        details: more about it, as JSON.
        retry_after: seconds after which it is worth to come back, or None.
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


def validation_error(field: str, problem: str) -> ServiceError:
    """Return the 400 for a request that the schemas allow and the stored data does not.

    Args:
        field: where it is in the request, such as `body.parent_memory_id`.
        problem: what is wrong with it.
    """
    details = {"errors": [{"field": field, "message": problem}]}
    return ServiceError(400, "VALIDATION_ERROR", f"{field}: {problem}", details)


def not_found(what: str) -> ServiceError:
    """Return the 404 for `what`, such as `Memory`."""
    return ServiceError(404, "NOT_FOUND", f"{what} not found")


def conflict(message: str) -> ServiceError:
    """Return the 409 that says `message`."""
    return ServiceError(409, "CONFLICT", message)


def unavailable(message: str, retry_after: float = 1.0) -> ServiceError:
    """Return the 503 that says `message` and to come back after `retry_after` seconds."""
    return ServiceError(503, "UNAVAILABLE", message, retry_after=retry_after)
