"""Exceptions raised by the SDK.

Every failed call raises a `MemoryOSError`. Its subclass identifies the kind of failure:

    MemoryOSError
    ├── ValidationError        400, 422: invalid arguments; also a ValueError
    ├── AuthenticationError    401: missing, malformed, unknown, revoked or expired API key
    ├── PermissionDeniedError  403: the API key lacks a permission
    ├── NotFoundError          404: no such memory or entity
    ├── ConflictError          409: idempotency key reused, or memory changed meanwhile
    ├── RateLimitError         429: too many requests; retry_after is always set
    ├── ServerError            5xx: the service failed or is overloaded
    ├── NotSupportedError      the service lacks a feature that an argument needs; status 501
    ├── InvalidResponseError   the response violates the contract; status 502
    ├── APIConnectionError     no response; status 503
    └── APITimeoutError        no response in time; status 504

Any other HTTP status raises `MemoryOSError` itself. All exceptions can be pickled.

Example:
    >>> try:
    ...     memory.memories.get(memory_id)
    ... except NotFoundError:
    ...     print("deleted or expired")
    ... except RateLimitError as error:
    ...     print(f"try again in {error.retry_after} s")
    ... except MemoryOSError as error:
    ...     print(error.code, error.request_id)
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple, Type

from ._printable import printable

__all__ = [
    "APIConnectionError",
    "APITimeoutError",
    "AuthenticationError",
    "ConflictError",
    "InvalidResponseError",
    "MemoryOSError",
    "NotFoundError",
    "NotSupportedError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "ValidationError",
]


# Limits of `str(error)`, which may contain texts of the service. The attributes are not truncated.
_MAX_MESSAGE_CHARACTERS = 2000
_MAX_CODE_CHARACTERS = 100


class MemoryOSError(Exception):
    """Base class of all errors raised by the SDK.

    `str(error)` is one line, for logs and terminals: control characters that the service sent are
    escaped, and long texts are truncated. The attributes contain them as they were sent.

    Attributes:
        code: Machine-readable error code, such as `NOT_FOUND`.
        message: Human-readable description.
        status: HTTP status of the response. Without a valid response: 501 for
            `NotSupportedError`, 502 for `InvalidResponseError`, 503 for `APIConnectionError`, 504
            for `APITimeoutError`.
        request_id: The service's id of the request, or None if no response contained one.
        retry_after: Seconds to wait before the next attempt, or None if the service sent no
            `Retry-After` header.
        details: Further information: `error.details` of the response, or facts known to the SDK.
            Empty if there is none.
        attempts: Number of requests sent, including retries; 0 if none was sent.
        method: HTTP method of the call, such as `POST`.
        path: Path of the call, relative to the base URL, such as `/memories`.
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
        context = [printable(str(self.code), _MAX_CODE_CHARACTERS), f"status {self.status}"]
        if self.method and self.path:
            context.append(printable(f"{self.method} {self.path}", _MAX_CODE_CHARACTERS))
        if self.attempts > 1:
            context.append(f"{self.attempts} attempts")
        if self.request_id:
            context.append(f"request {printable(str(self.request_id), _MAX_CODE_CHARACTERS)}")
        message = printable(str(self.message), _MAX_MESSAGE_CHARACTERS)
        return f"{message} ({', '.join(context)})"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.message!r}, {self.status!r})"

    def __reduce__(self) -> Tuple[Any, ...]:
        return _restore, (type(self), self.code, self.message, self.status), self.__dict__


def _restore(cls: Type[MemoryOSError], code: str, message: str, status: int) -> MemoryOSError:
    return cls(code, message, status)


class ValidationError(MemoryOSError, ValueError):
    """An argument is invalid (400, 422). Nothing was stored or changed.

    The SDK raises it before sending (`attempts` is 0) where it can check the argument itself;
    otherwise the service rejects the request.
    """


class AuthenticationError(MemoryOSError):
    """The API key is missing, malformed, unknown, revoked or expired (401)."""


class PermissionDeniedError(MemoryOSError):
    """The API key lacks the permission for this operation (403)."""


class NotFoundError(MemoryOSError):
    """There is no memory or entity with this id (404)."""


class ConflictError(MemoryOSError):
    """The idempotency key was already used with another request body (409).

    Or the memory was changed since the time in `if_updated_at`, or `add_messages` found another
    message at a position.
    """


class RateLimitError(MemoryOSError):
    """The API key made too many requests (429).

    Attributes:
        retry_after: Seconds to wait before the next attempt; always a number. It is at least 1
            if the service sent no usable `Retry-After` header.
    """

    retry_after: float


class ServerError(MemoryOSError):
    """The service failed or is overloaded (5xx)."""


class NotSupportedError(MemoryOSError):
    """The service lacks a feature that an argument of the call needs. `status` is 501.

    Nothing was sent. `details` contains the names of the `features`.
    """


class InvalidResponseError(MemoryOSError):
    """The response violates the contract, for example HTML, a truncated body or a redirect.

    `status` is 502. `details` contains the status and the content type of the response. It is empty
    if the response is JSON of the right form with a missing field or a wrong type.
    """


class APIConnectionError(MemoryOSError):
    """No response: the service can't be reached, or the connection broke. `status` is 503."""


class APITimeoutError(MemoryOSError):
    """No response within the timeout or the deadline. `status` is 504."""
