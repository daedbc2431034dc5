"""Rate limits as token buckets: pure functions of time, and a table of buckets around them."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bucket", "Rate", "RateLimiter", "parse_rate", "take"]

_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_RATE = re.compile(r"([1-9][0-9]{0,8})/(s|min|h)", re.ASCII)
_PURGE_ABOVE = 10_000

# Whoever waits as long as told finds a token, whatever floating point made of the time.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so much time; as many may come at once after a pause that long.

    Attributes:
        requests: 1 or more.
        seconds: more than 0.
    """

    requests: int
    seconds: float


class Bucket(NamedTuple):
    """What was left of a rate at some time: tokens, one for each request, and seconds."""

    tokens: float
    at: float


def parse_rate(text: str) -> Rate:
    """Return the rate that `text` means: `50/s`, `600/min` or `10000/h`.

    Raises:
        ValueError: it is not written so.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a rate such as 50/s, 600/min or 10000/h: {text}")
    return Rate(int(match[1]), _SECONDS[match[2]])


def take(bucket: Bucket | None, rate: Rate, now: float) -> tuple[Bucket, float]:
    """Take a token for one request.

    Args:
        bucket: as the last call returned it; None for one that is full.
        rate: how fast it fills, and how much it holds.
        now: seconds, of any clock; one that steps back fills nothing.

    Returns:
        The bucket afterwards, and 0; or the bucket with nothing taken, and the seconds after which
        there will be a token.
    """
    per_second = rate.requests / rate.seconds
    held = filled(bucket, rate, now)
    if held.tokens >= 1 - _ROUNDING:
        return held._replace(tokens=max(0.0, held.tokens - 1)), 0.0
    return held, (1 - held.tokens) / per_second


def filled(bucket: Bucket | None, rate: Rate, now: float) -> Bucket:
    """Return the bucket as it is at `now`, when nothing was taken since."""
    if bucket is None:
        return Bucket(rate.requests, now)
    gained = max(0.0, now - bucket.at) * rate.requests / rate.seconds
    return Bucket(min(float(rate.requests), bucket.tokens + gained), max(now, bucket.at))


class RateLimiter:
    """Holds each key to a rate, within this process; safe to share between threads.

    Args:
        rate: what each key may do.
        clock: returns seconds, and never steps back.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def wait(self, key_id: str) -> float:
        """Count one request, and return 0; or return the seconds after which it may come again."""
        with self._lock:
            now = self._clock()
            self._buckets[key_id], seconds = take(self._buckets.get(key_id), self._rate, now)
            if len(self._buckets) > _PURGE_ABOVE:
                self._forget_full(now)
            return seconds

    def _forget_full(self, now: float) -> None:
        # A full bucket is as good as none.
        self._buckets = {
            key_id: bucket
            for key_id, bucket in self._buckets.items()
            if filled(bucket, self._rate, now).tokens < self._rate.requests
        }
