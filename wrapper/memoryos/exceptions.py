"""What can go wrong in a call, under one root.

    MemoryOSError
    ├── ValidationError        400, 422; also a ValueError; before sending where we can know
    ├── AuthenticationError    401; also for a key that is missing or malformed
    ├── PermissionDeniedError  403
    ├── NotFoundError          404
    ├── ConflictError          409
    ├── RateLimitError         429
    ├── ServerError            5xx
    ├── InvalidResponseError   the answer is not the contract's
    ├── APIConnectionError     no answer
    └── APITimeoutError        no answer in time

Any other status is a plain MemoryOSError.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple, Type

__all__ = [
    "APIConnectionError",
    "APITimeoutError",
    "AuthenticationError",
    "ConflictError",
    "InvalidResponseError",
    "MemoryOSError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "ValidationError",
]


class MemoryOSError(Exception):
    """Something went wrong with a call to Memory OS.

    Attributes:
        code: A name for programs, such as `NOT_FOUND`.
        message: A sentence for people.
        status: The HTTP status, or the one that fits best where no answer came.
        request_id: The service's name for the request, where an answer gave one.
        retry_after: Seconds to wait before another try, where the service said so.
        details: More about it: what the service sent as `error.details`, or what the SDK knows.
        attempts: How many requests were sent; 0 where none was.
        method: The HTTP method of the call, such as `POST`.
        path: The path of the call below the base URL, such as `/memories`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int,
        request_id: Optional[str] = None,
        retry_after: Optional[float] = None,
        *,
        details: Optional[Mapping[str, Any]] = None,
        attempts: int = 0,
        method: Optional[str] = None,
        path: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.details: Dict[str, Any] = dict(details or {})
        self.attempts = attempts
        self.method = method
        self.path = path

    def __str__(self) -> str:
        facts = [self.code, f"status {self.status}"]
        if self.method and self.path:
            facts.append(f"{self.method} {self.path}")
        if self.attempts > 1:
            facts.append(f"{self.attempts} attempts")
        if self.request_id:
            facts.append(f"request {self.request_id}")
        return f"{self.message} ({', '.join(facts)})"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.message!r}, {self.status!r})"

    def __reduce__(self) -> Tuple[Any, ...]:
        return _restore, (type(self), self.code, self.message, self.status), self.__dict__


def _restore(cls: Type[MemoryOSError], code: str, message: str, status: int) -> MemoryOSError:
    return cls(code, message, status)


class ValidationError(MemoryOSError, ValueError):
    """An argument breaks a rule of the contract. Nothing was stored."""


class AuthenticationError(MemoryOSError):
    """The API key is missing, malformed, unknown, revoked or expired."""


class PermissionDeniedError(MemoryOSError):
    """The API key lacks the scope that the operation needs."""


class NotFoundError(MemoryOSError):
    """There is nothing by this id."""


class ConflictError(MemoryOSError):
    """The idempotency key was used before, with another body."""


class RateLimitError(MemoryOSError):
    """Too many requests. `retry_after` is always a number."""

    retry_after: float


class ServerError(MemoryOSError):
    """The service failed, or is too busy."""


class InvalidResponseError(MemoryOSError):
    """The answer is not what the contract promises: HTML, half a body, a redirect.

    `details` tells the status and the content type that came.
    """


class APIConnectionError(MemoryOSError):
    """No answer came: the service could not be reached, or the connection broke."""


class APITimeoutError(MemoryOSError):
    """No answer came in time."""
