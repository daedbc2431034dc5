"""Rate limits: token buckets as pure functions of time, and one bucket per API key."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bucket", "Rate", "RateLimiter", "parse_rate", "take"]

_SECONDS_PER_UNIT = {"s": 1.0, "min": 60.0, "h": 3600.0}
_RATE = re.compile(r"([1-9][0-9]{0,8})/(s|min|h)", re.ASCII)
MAX_BUCKETS = 10_000
"""Number of buckets above which full ones are deleted."""

# Tolerance for rounding errors: a client that waits for `Retry-After` seconds always gets a token.
_TOKEN_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """A number of requests per period, which is also the maximum burst.

    Attributes:
        requests: Number of requests, 1 or more.
        seconds: Length of the period in seconds, more than 0.
    """

    requests: int
    seconds: float


class Bucket(NamedTuple):
    """A token bucket: the available tokens, one per request, at a time in seconds."""

    tokens: float
    at: float


def parse_rate(text: str) -> Rate:
    """Parse a rate such as `50/s`, `600/min` or `10000/h`.

    Raises:
        ValueError: `text` has another format.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a rate; write it like 50/s, 600/min or 10000/h")
    return Rate(int(match[1]), _SECONDS_PER_UNIT[match[2]])


def take(bucket: Bucket | None, rate: Rate, now: float) -> tuple[Bucket, float]:
    """Take a token for one request.

    Args:
        bucket: The bucket that the last call returned, or None for a full one.
        rate: Refill rate and capacity.
        now: Current time in seconds, of any clock; a clock that goes back refills nothing.

    Returns:
        The bucket without the token, and 0; or the unchanged bucket, and the seconds until the
        next token is available.
    """
    per_second = rate.requests / rate.seconds
    refilled = refill(bucket, rate, now)
    if refilled.tokens >= 1 - _TOKEN_TOLERANCE:
        return refilled._replace(tokens=max(0.0, refilled.tokens - 1)), 0.0
    return refilled, (1 - refilled.tokens) / per_second


def refill(bucket: Bucket | None, rate: Rate, now: float) -> Bucket:
    """Return the bucket at `now`, with the tokens gained since its last change."""
    if bucket is None:
        return Bucket(rate.requests, now)
    gained = max(0.0, now - bucket.at) * rate.requests / rate.seconds
    return Bucket(min(float(rate.requests), bucket.tokens + gained), max(now, bucket.at))


class RateLimiter:
    """Limits the request rate of each API key within this process. Thread-safe.

    Args:
        rate: Maximum rate of each key.
        clock: Returns monotonic time in seconds.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def acquire(self, key_id: str) -> float:
        """Count one request and return 0, or return the seconds until the key may retry."""
        with self._lock:
            now = self._clock()
            self._buckets[key_id], seconds = take(self._buckets.get(key_id), self._rate, now)
            if len(self._buckets) > MAX_BUCKETS:
                self._delete_full_buckets(now)
            return seconds

    def _delete_full_buckets(self, now: float) -> None:
        # A missing bucket counts as a full one.
        self._buckets = {
            key_id: bucket
            for key_id, bucket in self._buckets.items()
            if refill(bucket, self._rate, now).tokens < self._rate.requests
        }
