"""What a check found, and how facts are judged: pure."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from statistics import median
from typing import TYPE_CHECKING, Any, Dict, Optional, Sequence
from urllib.parse import urlsplit

from memoryos._cli.output.formatting import duration, one_line
from memoryos._protocol.settings import KEY_VARIABLE
from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    InvalidResponseError,
    MemoryOSError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)

if TYPE_CHECKING:
    from datetime import datetime, timedelta

__all__ = [
    "PROBLEM",
    "Finding",
    "address",
    "certificate",
    "clock",
    "key",
    "latency",
    "ok",
    "problem",
    "refusal",
    "scope",
    "skipped",
    "warning",
]

OK, WARNING, PROBLEM, SKIPPED = "ok", "warning", "problem", "skipped"

_SLOW_SECONDS = 1.0
_TOLERATED_SKEW_SECONDS = 30.0
_EXPIRES_SOON_DAYS = 14
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Finding:
    """What a check found."""

    name: str
    state: str
    fact: str
    advice: str = ""

    def as_json(self) -> Dict[str, Any]:
        """Return it for programs."""
        return {"name": self.name, "state": self.state, "fact": self.fact, "advice": self.advice}


def ok(name: str, fact: str) -> Finding:
    """Return the finding that something is as it should be."""
    return Finding(name, OK, fact)


def skipped(name: str, reason: str) -> Finding:
    """Return the finding that something was not looked at, and why."""
    return Finding(name, SKIPPED, reason)


def warning(name: str, fact: str, advice: str) -> Finding:
    """Return the finding that something works, but may surprise."""
    return Finding(name, WARNING, fact, advice)


def problem(name: str, fact: str, advice: str) -> Finding:
    """Return the finding that something is wrong."""
    return Finding(name, PROBLEM, fact, advice)


def key(value: Optional[str], error: Optional[MemoryOSError]) -> Finding:
    """Judge the API key, and tell of it only what is no secret.

    Args:
        value: What the environment says.
        error: What the SDK has against it, if anything.
    """
    variable = KEY_VARIABLE
    if not value:
        return problem(
            "key",
            f"{variable} is not set",
            f"export {variable}=… with a key of your account, or look at the Memory OS on this "
            "machine with --local",
        )
    if error is not None:
        return problem("key", one_line(error.message), f"set {variable} to the whole key")
    kind = next((k for k in ("mos_live_", "mos_test_") if value.strip().startswith(k)), "mos_")
    return ok("key", f"{kind}…, {len(value.strip())} characters, from {variable}")


def address(base_url: str, source: str) -> Finding:
    """Judge the API's address.

    Args:
        base_url: The address, which the SDK accepts.
        source: Where it comes from.
    """
    parts = urlsplit(base_url)
    fact = f"{base_url} ({source})"
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        return problem("address", f"{fact} is not encrypted", "use https: the key is sent along")
    if parts.path.rstrip("/") == "":
        return warning("address", f"{fact} has no path", "most services want /v1 at its end")
    return ok("address", fact)


def certificate(not_after: datetime, version: Optional[str], now: datetime) -> Finding:
    """Judge a service's certificate, which has been verified."""
    left = (not_after - now).total_seconds()
    fact = f"{version or 'TLS'}, certificate verified, valid for another {duration(left)}"
    if left < _EXPIRES_SOON_DAYS * 86_400:
        return warning("TLS", fact, "whoever runs the service has to renew it soon")
    return ok("TLS", fact)


def clock(date: Optional[str], now: datetime, tolerance: timedelta) -> Finding:
    """Judge this machine's clock by the service's.

    Args:
        date: The header `Date` of an answer.
        now: This machine's time when it came.
        tolerance: How long the answer took.
    """
    service = _date(date)
    if service is None:
        return skipped("clock", "the service does not tell its time")
    skew = (now - service).total_seconds()
    # The header has whole seconds, and was written somewhere within the time the answer took.
    if abs(skew) <= _TOLERATED_SKEW_SECONDS + tolerance.total_seconds():
        return ok("clock", f"within {_TOLERATED_SKEW_SECONDS:.0f} s of the service's")
    direction = "ahead of" if skew > 0 else "behind"
    return problem(
        "clock",
        f"{duration(skew)} {direction} the service's",
        "set this machine's clock (NTP): waits that the service asks for, and certificates, "
        "depend on it",
    )


def latency(first: float, further: Sequence[float]) -> Finding:
    """Judge how long answers take.

    Args:
        first: Seconds of the first call, which opened the connection.
        further: Seconds of those after it.
    """
    usual = median(further)
    fact = f"{usual * 1000:.0f} ms a call, {first * 1000:.0f} ms for the first"
    if usual > _SLOW_SECONDS:
        return warning("latency", fact, "far away or overloaded: try from another network")
    return ok("latency", fact)


def scope(name: str, needed: str, error: Optional[MemoryOSError]) -> Finding:
    """Judge whether the key may do something, by what trying it came to.

    Args:
        name: What was tried.
        needed: The scope that it needs.
        error: What it ended with; for a write, that the memory does not exist is success.
    """
    if error is None or isinstance(error, NotFoundError):
        return ok(name, f"allowed ({needed})")
    if isinstance(error, PermissionDeniedError):
        advice = f"make a key with the scope {needed}, if this one should have it"
        return warning(name, f"not allowed: {one_line(error.message)}", advice)
    return refusal(name, error)


def refusal(name: str, error: MemoryOSError) -> Finding:
    """Return what a failed call means, and what to do about it."""
    request = f", request {error.request_id}" if error.request_id else ""
    return problem(name, one_line(f"{error.message} ({error.code}{request})"), _advice(error))


_ADVICE = (
    (
        AuthenticationError,
        f"the key in {KEY_VARIABLE} is wrong, revoked, expired, or another account's",
    ),
    (PermissionDeniedError, "make a key with this scope"),
    (
        InvalidResponseError,
        "something else answers there: see the address, and whether /v1 is missing",
    ),
    (APITimeoutError, "a firewall, or an overloaded service; a longer --timeout may help"),
    (APIConnectionError, "see the address, the network, and whether the service runs"),
    (NotFoundError, "the address is not the API's: is /v1 at its end?"),
    (RateLimitError, "the key makes too many calls: wait a while"),
    (
        MemoryOSError,
        "the service's fault: try again later, and give the request id to its operator",
    ),
)


def _advice(error: MemoryOSError) -> str:
    return next(advice for kind, advice in _ADVICE if isinstance(error, kind))


def _date(text: Optional[str]) -> Optional[datetime]:
    try:
        moment = parsedate_to_datetime(text or "")
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
