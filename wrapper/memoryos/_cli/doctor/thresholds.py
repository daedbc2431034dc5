"""Limits above or below which the doctor reports a warning or a problem."""

from __future__ import annotations

__all__ = [
    "LATENCY_CALLS",
    "MAX_CLOCK_SKEW_SECONDS",
    "MIN_CERTIFICATE_VALIDITY_DAYS",
    "SLOW_CALL_SECONDS",
]

SLOW_CALL_SECONDS = 1.0
"""Median duration of a call above which the latency is a warning."""

LATENCY_CALLS = 4
"""Number of calls whose median is taken, after the first one, which opens the connection."""

MAX_CLOCK_SKEW_SECONDS = 30.0
"""Difference between this machine's clock and the service's above which it is a problem."""

MIN_CERTIFICATE_VALIDITY_DAYS = 14
"""Days until a certificate expires below which it is a warning."""
