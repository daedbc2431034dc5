"""What to say of an error, in one line, and the exit status that it gives."""

from __future__ import annotations

from typing import NamedTuple

from memoryos import exceptions
from memoryos._protocol.settings import KEY_VARIABLE

from .output.formatting import one_line

__all__ = [
    "BROKEN_PIPE",
    "FAILED",
    "INTERRUPTED",
    "USAGE_ERROR",
    "NOT_FOUND",
    "Failure",
    "InputError",
    "failure",
]

FAILED = 1
USAGE_ERROR = 2
NOT_FOUND = 3
INTERRUPTED = 130
BROKEN_PIPE = 141

_NO_ANSWER = (
    exceptions.APIConnectionError,
    exceptions.APITimeoutError,
    exceptions.InvalidResponseError,
)


class Failure(NamedTuple):
    """The end of a command that did not do what it should."""

    status: int
    line: str


class InputError(Exception):
    """What was given to a command, by an option or a file, can't be used; the message says why."""


def failure(error: Exception) -> Failure:
    """Return the exit status and the line that an error gives."""
    if isinstance(error, exceptions.MemoryOSError):
        advice = _advice(error)
        return Failure(_status(error), one_line(f"{error}; {advice}" if advice else str(error)))
    if isinstance(error, OSError) and error.strerror:
        named = f"{error.filename}: " if error.filename else ""
        return Failure(FAILED, one_line(f"{named}{error.strerror}"))
    if isinstance(error, InputError):
        return Failure(USAGE_ERROR, one_line(str(error)))
    said = f"{type(error).__name__}: {error}"
    return Failure(FAILED, one_line(f"this should not happen: {said}; --debug shows where"))


def _status(error: exceptions.MemoryOSError) -> int:
    if isinstance(error, exceptions.NotFoundError):
        return NOT_FOUND
    refused_here = error.attempts == 0 and isinstance(
        error, (exceptions.ValidationError, exceptions.AuthenticationError)
    )
    return USAGE_ERROR if refused_here else FAILED


def _advice(error: exceptions.MemoryOSError) -> str:
    if isinstance(error, exceptions.AuthenticationError):
        return f"see {KEY_VARIABLE}, and `memoryos doctor`"
    if isinstance(error, _NO_ANSWER):
        return "`memoryos doctor` finds out why"
    if error.retry_after:
        return f"try again in {error.retry_after:g} s"
    return ""
