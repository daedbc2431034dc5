"""Observers of calls, for logging and tracing.

Observers are notified of every step of a call and don't change it. An observer that fails is
reported once in the log, and the call goes on. Without observers, none of this code runs.
"""

from __future__ import annotations

import contextlib
import logging
import time
from types import FunctionType
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    List,
    Optional,
    Sequence,
    Set,
    Tuple,
    cast,
)

from memoryos._printable import printable
from memoryos.exceptions import MemoryOSError

from . import responses
from .responses import HTTPResponse
from .retries import CallResult, Outcome, Steps, Wait
from .settings import RESERVED_HEADERS, is_header

if TYPE_CHECKING:
    from .calls import Call

MAX_ADDED_HEADER_CHARACTERS = 16 * 1024
"""Limit of the headers that observers add to a request; servers reject requests with more."""

Headers = Tuple[Tuple[str, str], ...]

# Headers that change how a message is sent or understood.
_CONNECTION_HEADERS = frozenset(
    {"connection", "expect", "keep-alive", "te", "trailer", "upgrade", "user-agent"}
)
_PREFIXES = ("accept", "content-", "proxy-")

_MAX_PATH_CHARACTERS = 200
_MAX_ID_CHARACTERS = 100

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

# Failures of observers that were reported: observer, event and exception.
_reported: Set[Tuple[str, str, str]] = set()


def observers_of(call: Call[Any], base_url: str) -> Sequence[Observer]:
    """Return the observers of a call; usually none."""
    is_logged = logger.isEnabledFor(logging.INFO)
    if not factories and not is_logged:
        return ()
    # A copy of the list, since another thread may change it.
    made = [_made(make, call, base_url) for make in tuple(factories)]
    found = [observer for observer in made if observer is not None]
    return [*found, LogObserver(call)] if is_logged else found


def _made(
    make: Callable[[Call[Any], str], Observer], call: Call[Any], base_url: str
) -> Optional[Observer]:
    try:
        return make(call, base_url)
    except Exception as error:  # noqa: BLE001 - instrumentation must not break a call
        report_failure(make, "creation", error)
        return None


def headers_from(observers: Sequence[Observer], request: Headers) -> Headers:
    """Return the headers that observers add to a request.

    Invalid headers are left out, and so are headers that the request has or that the SDK sets.

    Args:
        observers: The observers.
        request: Names and values of the request's own headers.
    """
    names = {name.lower() for name, _ in request}
    added: List[Tuple[str, str]] = []
    room = MAX_ADDED_HEADER_CHARACTERS
    for observer in observers:
        for name, value in _headers_of(observer):
            is_valid = is_header(name, value) and not _is_reserved(name.lower())
            if not is_valid or len(name) + len(value) > room:
                report_failure(observer, "headers", ValueError())
            elif name.lower() not in names:
                room -= len(name) + len(value)
                names.add(name.lower())
                added.append((name, value.strip()))
    return tuple(added)


def _headers_of(observer: Observer) -> List[Tuple[Any, Any]]:
    try:
        return list(dict(observer.headers()).items())
    except Exception as error:  # noqa: BLE001 - instrumentation must not break a call
        report_failure(observer, "headers", error)
        return []


def _is_reserved(name: str) -> bool:
    return name in RESERVED_HEADERS or name in _CONNECTION_HEADERS or name.startswith(_PREFIXES)


def report_failure(observer: object, event: str, error: Exception) -> None:
    """Log that an observer failed, once for each kind of failure.

    Only names are logged, because the message of the exception may contain content.
    """
    kind = observer if isinstance(observer, FunctionType) else type(observer)
    name = f"{kind.__module__}.{kind.__qualname__}"
    failure = (name, event, type(error).__name__)
    if failure in _reported:
        return
    _reported.add(failure)
    with contextlib.suppress(Exception):  # a handler of the application may be what fails
        logger.warning("Observer %s failed (%s): %s", *failure)


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
        _notify_one(observer, event, arguments)


def _notify_one(observer: Observer, event: str, arguments: Sequence[Any]) -> None:
    try:
        getattr(observer, event)(*arguments)
    except Exception as error:  # noqa: BLE001 - instrumentation must not break a call
        report_failure(observer, event, error)


class LogObserver(Observer):
    """Logs one line for each call, and at level DEBUG one for each attempt."""

    def __init__(self, call: Call[Any]) -> None:
        self._call = printable(f"{call.method} {call.path}", _MAX_PATH_CHARACTERS)
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
        code = printable(error.code, _MAX_ID_CHARACTERS)
        self._line(error.status, error.attempts, error.request_id, f" {code}")

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
            printable(request_id, _MAX_ID_CHARACTERS) if request_id else "no request id",
        )
