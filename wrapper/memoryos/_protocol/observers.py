"""Observers of calls, for logging and tracing.

Observers are notified of every step of a call and don't change it. Without observers, none of this
code runs.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, cast

from memoryos.exceptions import MemoryOSError

from . import responses
from .responses import HTTPResponse
from .retries import CallResult, Outcome, Steps, Wait

if TYPE_CHECKING:
    from .calls import Call

logger = logging.getLogger("memoryos")


class Observer:
    """Receives the steps of one call. Subclasses override the methods they need."""

    def headers(self) -> Dict[str, str]:
        """Return headers to send with the call's requests."""
        return {}

    def attempt(self, attempts: int, outcome: Outcome) -> None:
        """Called after each attempt, with its outcome."""

    def wait(self, attempts: int, seconds: float) -> None:
        """Called after a wait, before the next attempt."""

    def succeeded(self, result: CallResult) -> None:
        """Called with the result of a successful call."""

    def failed(self, error: MemoryOSError) -> None:
        """Called with the error of a failed call."""

    def over(self) -> None:
        """Called last, also after a cancelled call."""


# Each creates the observer of a call from the call and the base URL. `memoryos.otel.instrument`
# adds one.
factories: List[Callable[[Call[Any], str], Observer]] = []


def observers_of(call: Call[Any], base_url: str) -> Sequence[Observer]:
    """Return the observers of a call; usually none."""
    is_logged = logger.isEnabledFor(logging.INFO)
    if not factories and not is_logged:
        return ()
    found = [make(call, base_url) for make in factories]
    return [*found, LogObserver(call)] if is_logged else found


def observed(steps: Steps, observers: Sequence[Observer]) -> Steps:
    """Yield the steps of a call, and notify the observers."""
    outcome: Outcome = None
    attempts = 0
    try:
        while True:
            step = steps.send(outcome)
            outcome = yield step
            if isinstance(step, Wait):
                _notify(observers, "wait", attempts, step.seconds)
            else:
                attempts += 1
                _notify(observers, "attempt", attempts, outcome)
    except StopIteration as done:
        result = cast("CallResult", done.value)
        _notify(observers, "succeeded", result)
        return result
    except MemoryOSError as error:
        _notify(observers, "failed", error)
        raise
    finally:
        steps.close()
        _notify(observers, "over")


def _notify(observers: Sequence[Observer], event: str, *arguments: Any) -> None:
    for observer in observers:
        getattr(observer, event)(*arguments)


class LogObserver(Observer):
    """Logs one line for each call, and at level DEBUG one for each attempt."""

    def __init__(self, call: Call[Any]) -> None:
        self._call = f"{call.method} {call.path}"
        self._started = time.monotonic()

    def attempt(self, attempts: int, outcome: Outcome) -> None:
        """Log the outcome of an attempt."""
        if isinstance(outcome, HTTPResponse):
            logger.debug("%s attempt %d: %d", self._call, attempts, outcome.status)
        elif outcome is not None:
            logger.debug("%s attempt %d: %s", self._call, attempts, type(outcome.cause).__name__)

    def wait(self, attempts: int, seconds: float) -> None:
        """Log a wait."""
        logger.debug("%s waited %.3f s after attempt %d", self._call, seconds, attempts)

    def succeeded(self, result: CallResult) -> None:
        """Log a success."""
        request_id = responses.request_id(result.response)
        self._line(result.response.status, result.attempts, request_id, "")

    def failed(self, error: MemoryOSError) -> None:
        """Log a failure by its code, because its message may contain content."""
        self._line(error.status, error.attempts, error.request_id, f" {error.code}")

    def _line(self, status: int, attempts: int, request_id: Optional[str], code: str) -> None:
        milliseconds = (time.monotonic() - self._started) * 1000
        logger.info(
            "%s %d%s %.0f ms, %d attempt%s, %s",
            self._call,
            status,
            code,
            milliseconds,
            attempts,
            "" if attempts == 1 else "s",
            request_id or "no request id",
        )
