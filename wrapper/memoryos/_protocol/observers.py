"""Watching a call from outside: for logging and tracing, without a hand in what it does.

A watched call takes the same steps; the observers are told of each. Where nobody watches, nothing
of this runs.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, cast

from memoryos.exceptions import MemoryOSError

from . import responses
from .responses import Answer
from .retries import Finished, Outcome, Steps, Wait

if TYPE_CHECKING:
    from .operations import Operation

logger = logging.getLogger("memoryos")


class Observer:
    """Is told of one call. Every method may be left as it is."""

    def headers(self) -> Dict[str, str]:
        """Return headers to send with the call's requests."""
        return {}

    def attempt(self, attempts: int, outcome: Outcome) -> None:
        """An attempt came to this."""

    def wait(self, attempts: int, seconds: float) -> None:
        """Another attempt follows, after so many seconds."""

    def answered(self, finished: Finished) -> None:
        """The call came to an answer."""

    def failed(self, error: MemoryOSError) -> None:
        """The call failed for good."""

    def over(self) -> None:
        """The call is over, in whichever way; it may have been cancelled."""


# What makes an observer for each call, given the operation and the base URL;
# `memoryos.otel.instrument` adds to them.
factories: List[Callable[[Operation[Any], str], Observer]] = []


def observers_of(operation: Operation[Any], base_url: str) -> Sequence[Observer]:
    """Return who wants to watch a call; mostly nobody."""
    is_logged = logger.isEnabledFor(logging.INFO)
    if not factories and not is_logged:
        return ()
    found = [make(operation, base_url) for make in factories]
    return [*found, LogObserver(operation)] if is_logged else found


def watch(steps: Steps, observers: Sequence[Observer]) -> Steps:
    """Yield the steps of a call, and tell the observers how it goes."""
    outcome: Outcome = None
    attempts = 0
    try:
        while True:
            step = steps.send(outcome)
            outcome = yield step
            if isinstance(step, Wait):
                _tell(observers, "wait", attempts, step.seconds)
            else:
                attempts += 1
                _tell(observers, "attempt", attempts, outcome)
    except StopIteration as done:
        finished = cast("Finished", done.value)
        _tell(observers, "answered", finished)
        return finished
    except MemoryOSError as error:
        _tell(observers, "failed", error)
        raise
    finally:
        steps.close()
        _tell(observers, "over")


def _tell(observers: Sequence[Observer], what: str, *told: Any) -> None:
    for observer in observers:
        getattr(observer, what)(*told)


class LogObserver(Observer):
    """Writes one line a call, and at the level DEBUG one more for each attempt."""

    def __init__(self, operation: Operation[Any]) -> None:
        self._call = f"{operation.method} {operation.path}"
        self._started = time.monotonic()

    def attempt(self, attempts: int, outcome: Outcome) -> None:
        """Log what an attempt came to."""
        if isinstance(outcome, Answer):
            logger.debug("%s attempt %d: %d", self._call, attempts, outcome.status)
        elif outcome is not None:
            logger.debug("%s attempt %d: %s", self._call, attempts, type(outcome.cause).__name__)

    def wait(self, attempts: int, seconds: float) -> None:
        """Log a wait."""
        logger.debug("%s waited %.3f s after attempt %d", self._call, seconds, attempts)

    def answered(self, finished: Finished) -> None:
        """Log a success."""
        request_id = responses.request_id(finished.answer)
        self._line(finished.answer.status, finished.attempts, request_id, "")

    def failed(self, error: MemoryOSError) -> None:
        """Log a failure by its code; a message may hold content."""
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
