"""Findings of the doctor, and the rules that derive them from facts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
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

from .thresholds import MAX_CLOCK_SKEW_SECONDS, MIN_CERTIFICATE_VALIDITY_DAYS, SLOW_CALL_SECONDS

if TYPE_CHECKING:
    from datetime import datetime, timedelta

__all__ = [
    "PROBLEM",
    "Finding",
    "call_failed",
    "check_address",
    "check_certificate",
    "check_clock",
    "check_key",
    "check_latency",
    "check_permission",
    "ok",
    "problem",
    "skipped",
    "warning",
]

OK, WARNING, PROBLEM, SKIPPED = "ok", "warning", "problem", "skipped"

_SECONDS_PER_DAY = 86_400
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Finding:
    """Result of one check.

    Attributes:
        name: What was checked, such as `latency`.
        state: `ok`, `warning`, `problem` or `skipped`.
        fact: What the check found.
        advice: What to do about it; empty if nothing needs to be done.
    """

    name: str
    state: str
    fact: str
    advice: str = ""

    def as_json(self) -> Dict[str, Any]:
        """Return the finding as a JSON object."""
        return {"name": self.name, "state": self.state, "fact": self.fact, "advice": self.advice}


def ok(name: str, fact: str) -> Finding:
    """Return the finding of a check that passed."""
    return Finding(name, OK, fact)


def skipped(name: str, reason: str) -> Finding:
    """Return the finding of a check that was not run."""
    return Finding(name, SKIPPED, reason)


def warning(name: str, fact: str, advice: str) -> Finding:
    """Return a finding that doesn't prevent use, but may have unexpected effects."""
    return Finding(name, WARNING, fact, advice)


def problem(name: str, fact: str, advice: str) -> Finding:
    """Return a finding that must be fixed."""
    return Finding(name, PROBLEM, fact, advice)


def check_key(
    value: Optional[str], error: Optional[MemoryOSError], file: Optional[str] = None
) -> Finding:
    """Check the API key. The finding contains only its prefix and length.

    Args:
        value: Value of the environment variable, or None if it is not set.
        error: The SDK's error for this key, or None if it is well-formed.
        file: File that the key was read from, if not from the environment.
    """
    variable = KEY_VARIABLE
    if not value:
        return problem(
            "key",
            f"{variable} is not set",
            f"run `export {variable}=…` with a key of your account, or check the Memory OS on this "
            "machine with --local",
        )
    if error is not None:
        return problem("key", one_line(error.message), f"set {variable} to the complete key")
    kind = next((k for k in ("mos_live_", "mos_test_") if value.strip().startswith(k)), "mos_")
    return ok("key", f"{kind}…, {len(value.strip())} characters, from {file or variable}")


def check_address(base_url: str, source: str) -> Finding:
    """Check the base URL.

    Args:
        base_url: A URL that the SDK accepts.
        source: Where the URL was configured, such as `--base-url`.
    """
    parts = urlsplit(base_url)
    fact = f"{base_url} ({source})"
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        advice = "use https: otherwise the API key is sent in plain text"
        return problem("address", f"{fact} is not encrypted", advice)
    if parts.path.rstrip("/") == "":
        return warning("address", f"{fact} has no path", "most services need /v1 at the end")
    return ok("address", fact)


def check_certificate(not_after: datetime, version: Optional[str], now: datetime) -> Finding:
    """Check the expiry of a verified certificate.

    Args:
        not_after: End of the certificate's validity.
        version: TLS version of the connection, such as `TLSv1.3`.
        now: Current time.
    """
    left_seconds = (not_after - now).total_seconds()
    fact = f"{version or 'TLS'}, certificate verified, valid for another {duration(left_seconds)}"
    if left_seconds < MIN_CERTIFICATE_VALIDITY_DAYS * _SECONDS_PER_DAY:
        return warning("TLS", fact, "the service's operator must renew the certificate soon")
    return ok("TLS", fact)


def check_clock(date: Optional[str], now: datetime, tolerance: timedelta) -> Finding:
    """Compare this machine's clock with the service's.

    Args:
        date: `Date` header of a response.
        now: This machine's time when the response arrived.
        tolerance: Duration of the call.
    """
    service = _parse_date(date)
    if service is None:
        return skipped("clock", "the service sends no Date header")
    skew = (now - service).total_seconds()
    # The header has whole seconds, and was written at some time during the call.
    if abs(skew) <= MAX_CLOCK_SKEW_SECONDS + tolerance.total_seconds():
        return ok("clock", f"within {MAX_CLOCK_SKEW_SECONDS:.0f} s of the service's")
    direction = "ahead of" if skew > 0 else "behind"
    return problem(
        "clock",
        f"{duration(skew)} {direction} the service's",
        "set this machine's clock (NTP): retry delays and certificate validation depend on it",
    )


def check_latency(first: float, further: Sequence[float]) -> Finding:
    """Check how long calls take.

    Args:
        first: Seconds of the first call, which opens the connection.
        further: Seconds of the following calls.
    """
    typical = median(further)
    fact = f"{typical * 1000:.0f} ms per call, {first * 1000:.0f} ms for the first"
    if typical > SLOW_CALL_SECONDS:
        advice = "the service is far away or overloaded: try from another network"
        return warning("latency", fact, advice)
    return ok("latency", fact)


def check_permission(
    name: str, permission: str, error: Optional[MemoryOSError], *, local: bool = False
) -> Finding:
    """Check a permission of the API key by the result of a call that needs it.

    Args:
        name: Name of the finding, such as `writing`.
        permission: Permission that the call needs, such as `memories:write`.
        error: Error of the call, or None. A `NotFoundError` proves that the call is permitted.
        local: The service is the local Memory OS, which has no operator.
    """
    if error is None or isinstance(error, NotFoundError):
        return ok(name, f"allowed ({permission})")
    if isinstance(error, PermissionDeniedError):
        advice = f"if you need it, create a key with the permission {permission}"
        return warning(name, f"not allowed: {one_line(error.message)}", advice)
    return call_failed(name, error, local=local)


def call_failed(name: str, error: MemoryOSError, *, local: bool = False) -> Finding:
    """Return the finding of a failed call, with advice for its kind of error.

    Args:
        name: What was checked.
        error: The error.
        local: The service is the local Memory OS, which has no operator.
    """
    request = f", request {error.request_id}" if error.request_id else ""
    is_own = local and error.status == HTTPStatus.INTERNAL_SERVER_ERROR
    advice = _LOCAL_ADVICE if is_own else _advice(error)
    return problem(name, one_line(f"{error.message} ({error.code}{request})"), advice)


_ADVICE = (
    (
        AuthenticationError,
        f"the key in {KEY_VARIABLE} is wrong, revoked, expired, or belongs to another account",
    ),
    (PermissionDeniedError, "create a key with this permission"),
    (
        InvalidResponseError,
        "another server responds at this address: check the address, and whether /v1 is missing",
    ),
    (
        APITimeoutError,
        "check firewalls and whether the service is overloaded, or try a longer --timeout",
    ),
    (APIConnectionError, "check the address, the network, and whether the service is running"),
    (NotFoundError, "the address is not the API's: does it end in /v1?"),
    (RateLimitError, "the key makes too many calls: wait before you try again"),
    (
        MemoryOSError,
        "the service failed: try again later, or send the request id to its operator",
    ),
)
_LOCAL_ADVICE = "do what the message says; if it doesn't say what to do, report it"


def _advice(error: MemoryOSError) -> str:
    return next(advice for kind, advice in _ADVICE if isinstance(error, kind))


def _parse_date(header: Optional[str]) -> Optional[datetime]:
    try:
        date = parsedate_to_datetime(header or "")
    except (TypeError, ValueError):
        return None
    return date if date.tzinfo else None
