"""What integrations do while the service can't be reached: the agent goes on, and says so.

try:
    context = memory.get_context(query)
except OUTAGES as error:
    return unavailable("recall memories", error)
"""

from __future__ import annotations

from logging import getLogger
from typing import Tuple, Type

from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    InvalidResponseError,
    MemoryOSError,
    RateLimitError,
    ServerError,
)

__all__ = ["OUTAGES", "UNAVAILABLE", "unavailable"]

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

_LOGGER = getLogger("memoryos.integrations")


def unavailable(task: str, error: MemoryOSError) -> str:
    """Log that a call failed, and return the sentence for the model.

    Args:
        task: What could not be done, as an infinitive: `recall memories`.
        error: Why.
    """
    _LOGGER.warning("Could not %s; the agent goes on without: %s", task, error)
    return UNAVAILABLE
