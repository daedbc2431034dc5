"""HTTP client of an embedding service: bounded, retried by stamina, and failing as a 503.

No error repeats text of the service's response: it may contain a part of the key or of a memory.
"""

from __future__ import annotations

import json
import logging
import re
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx

from memoryos_server.model.errors import ServiceError, unavailable
from memoryos_server.per_process import PerProcess

from .retry_after import retry_after_seconds
from .timeouts_and_retries import REQUEST, RetryPolicy, is_temporary

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HttpService"]

MAX_RESPONSE_BYTES = 64 * 1_048_576
"""The longest response that is read."""

PERMANENT_RETRY_AFTER_SECONDS = 300.0
"""`Retry-After` of a failure that somebody has to fix: longer than any client waits."""

TEMPORARY_RETRY_AFTER_SECONDS = 1.0
"""`Retry-After` of a failure that may pass, if the service does not say more."""

_MIN_TIMEOUT_SECONDS = 0.001
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")

# stamina logs each retry as a warning, without the request's content. Without this handler, an
# application that has not configured logging would see it on standard error.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class _TemporaryError(ServiceError):
    """A failure after which another attempt may succeed.

    Args:
        message: The error's message.
        requested_pause: The seconds that the service asks to wait, or None.
    """

    def __init__(self, message: str, requested_pause: float | None) -> None:
        pause = TEMPORARY_RETRY_AFTER_SECONDS if requested_pause is None else requested_pause
        super().__init__(503, "UNAVAILABLE", message, retry_after=pause)
        self.requested_pause = requested_pause


@dataclass(frozen=True)
class _Outcome:
    """The result of one attempt; `status` is None if no complete response came."""

    status: int | None
    body: bytes = field(default=b"", repr=False)  # some tracebacks show the repr of locals
    requested_pause: float | None = None
    problem: str = ""


class HttpService:
    """A service that is called with JSON. Thread-safe, and usable after a fork.

    Args:
        name: The embedder's name in error messages.
        base_url: The service's URL, without a slash at its end.
        auth: Adds the key to each request; None for a service without keys.
        advice: By HTTP status, what the reader of an error should do.
        policy: Timeouts and retries.
        transport: Sends the requests; by default httpx's own, with the environment's proxies.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        auth: httpx.Auth | None = None,
        advice: Mapping[int, str] | None = None,
        policy: RetryPolicy = REQUEST,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url
        self._name = name
        self._auth = auth
        self._advice = dict(advice or {})
        self._policy = policy
        self._transport = transport
        self._clients = PerProcess(self._new_client)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return the decoded JSON of the service's response.

        Raises:
            ServiceError: With status 503, there was no usable response.
        """
        import stamina  # takes a while to import

        policy = self._policy
        deadline = time.monotonic() + policy.deadline_seconds
        for attempt in stamina.retry_context(
            on=partial(self._pause_before_retry, deadline),
            attempts=1 + policy.max_retries,
            timeout=None,  # a pause could end after it; `_pause_before_retry` keeps the deadline
            wait_initial=policy.initial_pause_seconds,
            wait_jitter=policy.max_jitter_seconds,
            wait_max=policy.max_pause_seconds,
        ):
            with attempt:
                return self._attempt(path, body, deadline)
        raise AssertionError("unreachable: stamina raises the last attempt's error")

    def invalid_response(self, problem: str) -> ServiceError:
        """Return the error for a response that contains `problem` and can't be used."""
        return unavailable(
            f"The embedder {self._name} returned {problem}", PERMANENT_RETRY_AFTER_SECONDS
        )

    def _pause_before_retry(self, deadline: float, error: Exception) -> bool | float:
        """Tell stamina whether to retry, or after how many seconds if the service asked for it."""
        if not isinstance(error, _TemporaryError):
            return False
        requested = error.requested_pause
        longest = self._policy.max_pause_seconds if requested is None else requested
        if time.monotonic() + longest >= deadline:
            return False
        return True if requested is None else requested

    def _attempt(self, path: str, body: Mapping[str, Any], deadline: float) -> Any:
        remaining = max(deadline - time.monotonic(), _MIN_TIMEOUT_SECONDS)
        outcome = self._send(path, body, min(self._policy.timeout_seconds, remaining))
        if outcome.status != 200:
            raise self._error(outcome)
        try:
            return json.loads(outcome.body)
        except (ValueError, RecursionError):
            raise self.invalid_response("something other than JSON") from None

    def _send(self, path: str, body: Mapping[str, Any], timeout: float) -> _Outcome:
        client = self._clients.get()
        ends = time.monotonic() + timeout
        try:
            with client.stream(
                "POST", self.base_url + path, json=body, timeout=timeout
            ) as response:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if time.monotonic() > ends:
                        return _Outcome(None, problem="took too long to respond")
                    if len(content) > MAX_RESPONSE_BYTES:
                        return _Outcome(413, problem="returned a response that is too large")
        except httpx.TimeoutException:
            return _Outcome(None, problem="took too long to respond")
        except (httpx.TransportError, httpx.DecodingError):
            return _Outcome(None, problem="can't be reached")
        pause = retry_after_seconds(response.headers, time.time())
        return _Outcome(response.status_code, bytes(content), pause)

    def _error(self, outcome: _Outcome) -> ServiceError:
        code = _error_code(outcome.body)
        status = f"{outcome.status} ({code})" if code else f"{outcome.status}"
        message = f"The embedder {self._name} {outcome.problem or f'returned HTTP {status}'}"
        if is_temporary(outcome.status, code):
            return _TemporaryError(message, outcome.requested_pause)
        advice = self._advice.get(outcome.status or 0)
        return unavailable(
            f"{message}: {advice}" if advice else message, PERMANENT_RETRY_AFTER_SECONDS
        )

    def _new_client(self) -> httpx.Client:
        return httpx.Client(auth=self._auth, transport=self._transport, follow_redirects=False)


def _error_code(body: bytes) -> str:
    """Return the code in OpenAI's error envelope, or an empty string if there is no plain one."""
    try:
        error = json.loads(body)["error"]
        code = error.get("code") or error.get("type")
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
