"""Log of unhandled errors, without request data.

Exception messages and local variables may contain memory content or API keys. The log therefore
contains only the chain of exception types and the source lines of their tracebacks.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

from .log_messages import StructuredMessage

__all__ = ["format_chain", "log_failure", "log_unhandled_error"]

_logger = logging.getLogger("memoryos_server")
_failures = logging.getLogger("memoryos_server.failures")
# A program that embeds the service gets the reason as an exception, so it needn't be shown one.
_failures.addHandler(logging.NullHandler())


def log_failure(reason: str, *, operation: str, request_id: str) -> None:
    """Log why a request failed, such as a database that is away.

    Args:
        reason: What the client is told.
        operation: Method and path template of the request.
        request_id: ID of the request.
    """
    _failures.warning(_FailureMessage(reason, operation, request_id))


def log_unhandled_error(error: BaseException, *, operation: str, request_id: str) -> None:
    """Log the types and source lines of `error` and its causes as one record.

    Args:
        error: The unhandled exception.
        operation: Method and path template of the request, or another name for the failed task.
        request_id: ID of the request.
    """
    _logger.error(_ErrorMessage(error, operation, request_id))


class _FailureMessage(StructuredMessage):
    def __init__(self, reason: str, operation: str, request_id: str) -> None:
        self._message = f"{operation} failed: {reason}"
        self._request_id = request_id

    def __str__(self) -> str:
        return f"{self._message} ({self._request_id})"

    def fields(self) -> dict[str, Any]:
        """Return what the text has."""
        return {"message": self._message, "request_id": self._request_id}


class _ErrorMessage(StructuredMessage):
    def __init__(self, error: BaseException, operation: str, request_id: str) -> None:
        self._operation = operation
        self._request_id = request_id
        self._traceback = format_chain(error)

    def __str__(self) -> str:
        return f"{self._operation} failed ({self._request_id})\n{self._traceback}"

    def fields(self) -> dict[str, Any]:
        """Return what the text has."""
        return {
            "message": f"{self._operation} failed",
            "request_id": self._request_id,
            "traceback": self._traceback,
        }


def format_chain(error: BaseException) -> str:
    """Return the types and source lines of an exception and its causes, without messages."""
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    return "\n".join(_format_frames(link) for link in chain)


def _format_frames(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
    name = type(error)
    return "\n".join([f"{name.__module__}.{name.__qualname__} at", *lines])
