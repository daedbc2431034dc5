"""Timeouts and retries of embedding services; stamina runs them, see `http_service`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BATCH", "REQUEST", "RetryPolicy", "is_temporary"]

_RETRIED_STATUSES = frozenset({408, 409, 425, 429})
# OpenAI's codes for a used-up quota: a 429 that waiting does not cure.
_PERMANENT_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


@dataclass(frozen=True)
class RetryPolicy:
    """How long and how often to call a service.

    The n-th pause, counted from 1, is `initial_pause_seconds` times 2 to the power n - 1, plus a
    random part of up to `max_jitter_seconds`, and at most `max_pause_seconds`. A pause that the
    service asks for (`Retry-After`) replaces it. No pause begins that could end after the deadline.

    Attributes:
        timeout_seconds: Limit for one attempt, above 0; also for connecting and for each read.
        deadline_seconds: Limit for all attempts and the pauses between them, above 0.
        max_retries: Attempts after the first, 0 or more.
        initial_pause_seconds: The first pause, without its random part.
        max_jitter_seconds: The longest random part of a pause.
        max_pause_seconds: The longest pause that the service has not asked for.
    """

    timeout_seconds: float
    deadline_seconds: float
    max_retries: int
    initial_pause_seconds: float = 0.25
    max_jitter_seconds: float = 0.25
    max_pause_seconds: float = 8.0


REQUEST = RetryPolicy(timeout_seconds=10, deadline_seconds=20, max_retries=2, max_pause_seconds=2.0)
"""For one API request: clients wait 30 seconds by default."""

BATCH = RetryPolicy(timeout_seconds=60, deadline_seconds=300, max_retries=8)
"""For work that no client waits for, such as `memoryos reembed`."""


def is_temporary(status: int | None, code: str = "") -> bool:
    """Return whether another attempt may succeed.

    Args:
        status: The response's HTTP status, or None if there was no complete response.
        code: The service's error code, if any.
    """
    if status is None:
        return True
    return (status in _RETRIED_STATUSES or status >= 500) and code not in _PERMANENT_CODES
