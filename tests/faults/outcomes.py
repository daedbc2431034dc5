"""What each fault must come to: written from the project's architecture, not from its code.

Retried: connection errors, timeouts, half answers, 408, 409 with Retry-After, 425, 429 and all 5xx.
Retry-After is obeyed up to 60 seconds; past that the error is raised at once.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    ConflictError,
    InvalidResponseError,
    MemoryOSError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from memoryos.testing import faults

BACKOFF = (0.5, 1.0)  # the longest waits before the second and the third attempt


class Expected(NamedTuple):
    """The error that a call ends in, and whether and when it is tried again."""

    error: Optional[type]
    code: str = ""
    status: int = 0
    request_id: Optional[str] = None
    retry_after: Optional[float] = None
    retried: bool = True
    # Seconds before each new attempt, where the service named them.
    wait: Optional[float] = None

    def waits(self, retries):
        """Return the waits of a call that is tried again as often as this."""
        if not self.retried:
            return []
        return list(BACKOFF[:retries]) if self.wait is None else [self.wait] * retries


BROKEN = Expected(APIConnectionError, "CONNECTION_ERROR", 503)
LATE = Expected(APITimeoutError, "TIMEOUT", 504)
NOT_OURS = Expected(InvalidResponseError, "INVALID_RESPONSE", 502, retried=False)
HALF = NOT_OURS._replace(retried=True)
FINE = Expected(None, retried=False)


def told(status, error, **more):
    """Return what an error in the contract's form comes to."""
    return Expected(error, f"FAULT_{status}", status, faults.REQUEST_ID, **more)


def obeyed(status, error, seconds):
    """Return what an error comes to that says when to come back."""
    return told(status, error, retry_after=seconds, wait=seconds)


DATE = f"Date: {faults.DATE}"

EXPECTED = {
    **{fault.name: BROKEN for fault in faults.CONNECTIONS},
    "hangs on connection": LATE,
    "hangs in the request": LATE,
    "hangs before the answer": LATE,
    "hangs in the answer": LATE,
    "a response with one byte every 0.01 s": LATE,
    "a response 0.05 s late": FINE,
    "408": told(408, MemoryOSError),
    "409": told(409, ConflictError, retried=False),
    "425": told(425, MemoryOSError),
    "429": told(429, RateLimitError, retry_after=1),
    "500": told(500, ServerError),
    "502": told(502, ServerError),
    "503": told(503, ServerError),
    "504": told(504, ServerError),
    "520": told(520, ServerError),
    "599": told(599, ServerError),
    "409 Retry-After: 1": obeyed(409, ConflictError, 1),
    "429 Retry-After: 2": obeyed(429, RateLimitError, 2),
    "503 Retry-After: 1.5": obeyed(503, ServerError, 1.5),
    "503 Retry-After: Sat, 12 Nov 1994 12:00:03 GMT": obeyed(503, ServerError, 3),
    "503 Retry-After: Fri, 11 Nov 1994 12:00:00 GMT": obeyed(503, ServerError, 0),
    "429 Retry-After: 600": told(429, RateLimitError, retry_after=600, retried=False),
    "429 Retry-After: -5": told(429, RateLimitError, retry_after=1),
    "429 Retry-After: soon": told(429, RateLimitError, retry_after=1),
    "429 Retry-After-Ms: 1500": obeyed(429, RateLimitError, 1.5),
    "429 Retry-After-Ms: 250 Retry-After: 7": obeyed(429, RateLimitError, 0.25),
    "429 Retry-After: 1 Retry-After: 30": obeyed(429, RateLimitError, 1),
    "two request ids": Expected(ServerError, "HTTP_503", 503, "req_a"),
    "HTML with 200": NOT_OURS,
    "HTML with 502": Expected(ServerError, "HTTP_502", 502),
    "error as a string": Expected(
        PermissionDeniedError, "HTTP_403", 403, faults.REQUEST_ID, retried=False
    ),
    "an empty body": NOT_OURS,
    "no content": NOT_OURS,
    "half a JSON": HALF,
    "UTF-16": NOT_OURS,
    "bytes of no charset": NOT_OURS,
    "gzip that is none": NOT_OURS,
    "half a gzip": HALF,
    "an unknown encoding": NOT_OURS,
    "null": NOT_OURS,
    "a list": NOT_OURS,
    "no data": NOT_OURS,
    "data that is null": NOT_OURS,
    "an error with 200": NOT_OURS._replace(request_id=faults.REQUEST_ID),
    "depth without end": NOT_OURS,
    "a redirect": NOT_OURS,
    "100 MB": NOT_OURS,
    "100 MB in chunks": NOT_OURS,
    "a gzip bomb": NOT_OURS,
    **{fault.name: NOT_OURS for fault in faults.MESSAGES},
    "no HTTP": BROKEN,
    "half a head": BROKEN,
}
# httpx says of a malformed message no more than that the connection broke.
EXPECTED_THROUGH_HTTPX = {fault.name: BROKEN for fault in faults.MESSAGES}

# A deletion has nothing to say but that it is done: 204 is as good.
EXPECTED_OF_DELETION = {"no content": FINE}


def expected(fault_name, operation, *, through_httpx=False):
    """Return what a fault must come to in an operation."""
    if through_httpx and fault_name in EXPECTED_THROUGH_HTTPX:
        return EXPECTED_THROUGH_HTTPX[fault_name]
    general = EXPECTED[fault_name]
    return (
        EXPECTED_OF_DELETION.get(fault_name, general) if operation == "delete_memory" else general
    )
