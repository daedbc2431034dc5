"""When to ask an embedding service again: pure decisions on statuses and seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BATCH", "REQUEST", "Policy", "delay_before_retry", "is_retried"]

_RETRIED = frozenset({408, 409, 425, 429})
# What waiting does not bring back: a quota that is used up, as OpenAI calls it.
_LASTING_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


@dataclass(frozen=True)
class Policy:
    """How long and how often to try; all times in seconds.

    Attributes:
        timeout: what one attempt may take; and, beyond that, what the service may take to accept a
            connection or to begin its answer.
        deadline: what all of them may take, with the pauses between them.
        max_retries: how many may follow the first.
        base_delay: the longest pause before the first retry; it doubles for each further one.
        longest_delay: the longest pause that is not the service's own wish.
    """

    timeout: float
    deadline: float
    max_retries: int
    base_delay: float = 0.5
    longest_delay: float = 8.0


REQUEST = Policy(timeout=10, deadline=20, max_retries=2)
"""For one request of a client, who waits 30 seconds unless told otherwise."""

BATCH = Policy(timeout=60, deadline=300, max_retries=8)
"""For work that nobody waits for at the other end, such as `memoryos reembed`."""


def is_retried(status: int | None, code: str = "") -> bool:
    """Say whether another attempt may help.

    Args:
        status: of the answer; None where none came.
        code: the service's own name for what is wrong.
    """
    if status is None:
        return True
    return (status in _RETRIED or status >= 500) and code not in _LASTING_CODES


def delay_before_retry(
    attempts: int, asked: float | None, left: float, policy: Policy, chance: Callable[[], float]
) -> float | None:
    """Return how many seconds to wait before the next attempt, or None to give up.

    Args:
        attempts: how many were made.
        asked: how long the service asks to wait, or None where it does not say.
        left: the seconds until the deadline.
        policy: the limits.
        chance: returns a number from 0 up to 1, for the jitter.
    """
    if attempts > policy.max_retries:
        return None
    longest = min(policy.longest_delay, policy.base_delay * 2.0 ** min(attempts - 1, 32))
    delay = chance() * longest if asked is None else asked
    return delay if delay < left else None
