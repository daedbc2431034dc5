"""What integrations do while the service can't be reached: the agent goes on, and says so.

try:
    context = memory.get_context(query)
except OUTAGES as error:
    return unavailable("recall memories", error)
"""

from __future__ import annotations

from contextlib import contextmanager
from logging import getLogger
from typing import Iterator, Tuple, Type

from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    InvalidResponseError,
    MemoryOSError,
    RateLimitError,
    ServerError,
)

__all__ = ["OUTAGES", "TOO_LARGE", "UNAVAILABLE", "unavailable", "without_too_large"]

UNAVAILABLE = "Long-term memory is unavailable at the moment."
"""What the model is told, where there is a place for it."""

# A wrong API key, a missing permission or an invalid argument is no outage: trying later would not
# help, and the developer must see it.
OUTAGES: Tuple[Type[MemoryOSError], ...] = (
    APIConnectionError,
    APITimeoutError,
    InvalidResponseError,
    RateLimitError,
    ServerError,
)
"""Errors that an agent survives without its memories."""

TOO_LARGE = 413
"""The status of a request that the service refuses for its size."""

_LOGGER = getLogger("memoryos.integrations")


def unavailable(task: str, error: MemoryOSError) -> str:
    """Log that a call failed, and return the sentence for the model.

    Args:
        task: What could not be done, as an infinitive: `recall memories`.
        error: Why.
    """
    _LOGGER.warning("Could not %s; the agent goes on without: %s", task, error)
    return UNAVAILABLE


@contextmanager
def without_too_large(task: str) -> Iterator[None]:
    """Leave out a text that the service refuses as too large, with a warning in the log.

    It would be refused at each attempt, and what comes after it would never be stored.
    """
    try:
        yield
    except MemoryOSError as error:
        if error.status != TOO_LARGE:
            raise
        unavailable(task, error)
