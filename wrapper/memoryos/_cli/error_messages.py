"""Exit status and one-line message of an error."""

from __future__ import annotations

from typing import NamedTuple

from memoryos import exceptions
from memoryos._protocol.settings import KEY_VARIABLE

from .exit_statuses import FAILED, NOT_FOUND, USAGE_ERROR
from .local_database import MissingDatabaseError
from .output.formatting import one_line

__all__ = ["Failure", "InputError", "describe_error"]

_NO_RESPONSE = (
    exceptions.APIConnectionError,
    exceptions.APITimeoutError,
    exceptions.InvalidResponseError,
)


class Failure(NamedTuple):
    """Exit status of a failed command, and the line to print."""

    status: int
    line: str


class InputError(Exception):
    """An option, or the content of a file, is invalid. The message says why."""


def describe_error(error: Exception) -> Failure:
    """Return the exit status and the message of an error."""
    if isinstance(error, exceptions.MemoryOSError):
        advice = _advice(error)
        return Failure(_status(error), one_line(f"{error}; {advice}" if advice else str(error)))
    if isinstance(error, OSError) and error.strerror:
        file = f"{error.filename}: " if error.filename else ""
        return Failure(FAILED, one_line(f"{file}{error.strerror}"))
    if isinstance(error, InputError):
        return Failure(USAGE_ERROR, one_line(str(error)))
    if isinstance(error, MissingDatabaseError):
        return Failure(FAILED, one_line(str(error)))
    cause = f"{type(error).__name__}: {error}"
    return Failure(FAILED, one_line(f"unexpected error: {cause}; --debug shows the traceback"))


def _status(error: exceptions.MemoryOSError) -> int:
    if isinstance(error, exceptions.NotFoundError):
        return NOT_FOUND
    rejected_locally = error.attempts == 0 and isinstance(
        error, (exceptions.ValidationError, exceptions.AuthenticationError)
    )
    return USAGE_ERROR if rejected_locally else FAILED


def _advice(error: exceptions.MemoryOSError) -> str:
    if isinstance(error, exceptions.AuthenticationError):
        return f"check {KEY_VARIABLE}, or run `memoryos doctor`"
    if isinstance(error, _NO_RESPONSE):
        return "run `memoryos doctor` to find the cause"
    if error.retry_after:
        return f"try again in {error.retry_after:g} s"
    return ""
