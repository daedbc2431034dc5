"""Retries: decide after each attempt whether to return, wait and send again, or fail.

`retry_steps` is a generator without I/O. It yields the next step and receives its outcome; `run`
and `run_async` perform the steps.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Awaitable,
    Callable,
    Generator,
    NamedTuple,
    Optional,
    Union,
    cast,
)

from memoryos.exceptions import (
    APIConnectionError,
    APITimeoutError,
    ConflictError,
    MemoryOSError,
    NotFoundError,
    RateLimitError,
    ServerError,
)

from . import responses
from .responses import HTTPResponse
from .retry_after import DEFAULT_RETRY_AFTER_SECONDS, RETRY_AFTER_CAP_SECONDS
from .settings import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from .calls import Call

RETRIED_STATUSES = frozenset({408, 425, 429})

FIRST_DELAY_SECONDS = 0.5
"""Upper limit of the first delay; each further one has twice the limit of the one before."""

MAX_DELAY_SECONDS = 8.0
"""Upper limit of every delay that the service did not ask for."""


@dataclass(frozen=True)
class Policy:
    """Limits and waits of a call; all times in seconds."""

    timeout: float = DEFAULT_TIMEOUT_SECONDS
    max_retries: int = DEFAULT_MAX_RETRIES
    deadline: Optional[float] = None
    base_delay: float = FIRST_DELAY_SECONDS
    longest_delay: float = MAX_DELAY_SECONDS
    longest_retry_after: float = RETRY_AFTER_CAP_SECONDS


@dataclass(frozen=True)
class Clock:
    """Sources of time and randomness, which tests replace."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    random: Callable[[], float] = random.random


@dataclass
class Send:
    """Send the request, and wait at most `timeout` seconds for the whole response."""

    timeout: float


@dataclass
class Wait:
    """Wait before the next attempt."""

    seconds: float


@dataclass(frozen=True)
class Failure:
    """An attempt without a response."""

    cause: BaseException
    timed_out: bool = False
    sent: bool = True
    """Whether the service may have acted on the request."""
    permanent: bool = False
    """Whether every attempt would fail in the same way."""
    advice: str = ""
    """What the caller can do about it; follows the reason in the message."""
    invalid: bool = False
    """Whether the service sent bytes that are not one unambiguous HTTP response."""


Outcome = Union[HTTPResponse, Failure, None]


class CallResult(NamedTuple):
    """The result of a successful call."""

    data: Any
    response: HTTPResponse
    attempts: int


Steps = Generator[Union[Send, Wait], Outcome, CallResult]


def retry_steps(call: Call[Any], location: str, policy: Policy, clock: Clock) -> Steps:
    """Yield the steps of one call, and return its result.

    Args:
        call: The call.
        location: The address of the service, for error messages.
        policy: The limits and waits.
        clock: Time and randomness.

    Raises:
        MemoryOSError: The call failed; `attempts` is how many requests were sent.
    """
    started = clock.monotonic()
    attempts = 0
    may_have_acted = False
    while True:
        timeout = min(policy.timeout, _left(policy, started, clock))
        attempts += 1
        outcome = yield Send(timeout)
        try:
            response = _response(outcome, location, timeout)
            data = responses.read(response, kind=call.response_kind, now=clock.wall())
            return CallResult(data, response, attempts)
        except MemoryOSError as failure:
            failure.attempts, failure.method, failure.path = attempts, call.method, call.path
            if isinstance(failure, NotFoundError) and call.method == "DELETE" and may_have_acted:
                # The attempt whose response was lost deleted it.
                return CallResult({"deleted": True}, cast("HTTPResponse", outcome), attempts)
            may_have_acted = may_have_acted or _may_have_acted(outcome, failure)
            delay = None
            if not (isinstance(outcome, Failure) and outcome.permanent):
                delay = delay_before_retry(failure, attempts, policy, clock.random)
            if delay is None or delay >= _left(policy, started, clock):
                if isinstance(failure, RateLimitError) and failure.retry_after is None:
                    failure.retry_after = DEFAULT_RETRY_AFTER_SECONDS
                raise
        yield Wait(delay)


def delay_before_retry(
    failure: MemoryOSError, attempts: int, policy: Policy, chance: Callable[[], float]
) -> Optional[float]:
    """Return the seconds to wait before the next attempt, or None to give up.

    Args:
        failure: The error of the last attempt.
        attempts: The number of attempts so far.
        policy: The limits and waits.
        chance: Returns a random number from 0 up to 1, for the jitter.
    """
    if attempts > policy.max_retries or not is_retried(failure):
        return None
    requested = failure.retry_after
    if requested is not None:
        return requested if requested <= policy.longest_retry_after else None
    ceiling = min(policy.longest_delay, policy.base_delay * 2.0 ** min(attempts - 1, 32))
    return chance() * ceiling


def is_retried(failure: MemoryOSError) -> bool:
    """Return whether another attempt may help after this failure."""
    if isinstance(failure, (APIConnectionError, APITimeoutError, ServerError)):
        return True
    if isinstance(failure, ConflictError):  # with Retry-After, the same request is in progress
        return failure.retry_after is not None
    return failure.status in RETRIED_STATUSES or responses.is_cut_off(failure)


def _response(outcome: Outcome, location: str, timeout: float) -> HTTPResponse:
    """Return the response of an attempt, or raise the error for its failure."""
    if isinstance(outcome, HTTPResponse):
        return outcome
    if outcome is None:
        raise AssertionError("the loop sent no outcome")
    if outcome.invalid:
        raise responses.invalid_message(str(outcome.cause)) from outcome.cause
    if outcome.timed_out:
        message = f"No answer from {location} within {round(timeout, 3):g} seconds{outcome.advice}"
        raise APITimeoutError("TIMEOUT", message, 504) from outcome.cause
    reason = str(outcome.cause) or type(outcome.cause).__name__
    message = f"No answer from {location}: {reason}{outcome.advice}"
    raise APIConnectionError("CONNECTION_ERROR", message, 503) from outcome.cause


def _may_have_acted(outcome: Outcome, failure: MemoryOSError) -> bool:
    if isinstance(outcome, Failure):
        return outcome.sent
    return failure.status >= 500 or failure.status == 408


def _left(policy: Policy, started: float, clock: Clock) -> float:
    if policy.deadline is None:
        return math.inf
    return max(0.0, policy.deadline - (clock.monotonic() - started))


def run(
    steps: Steps, send: Callable[[float], Outcome], sleep: Callable[[float], None]
) -> CallResult:
    """Perform the steps of a call, and return its result."""
    outcome: Outcome = None
    try:
        while True:
            step = steps.send(outcome)
            if isinstance(step, Wait):
                outcome = None
                sleep(step.seconds)
            else:
                outcome = send(step.timeout)
    except StopIteration as done:
        result: CallResult = done.value
        return result


async def run_async(
    steps: Steps,
    send: Callable[[float], Awaitable[Outcome]],
    sleep: Callable[[float], Awaitable[None]],
) -> CallResult:
    """Perform the steps of a call, and return its result."""
    outcome: Outcome = None
    try:
        while True:
            step = steps.send(outcome)
            if isinstance(step, Wait):
                outcome = None
                await sleep(step.seconds)
            else:
                outcome = await send(step.timeout)
    except StopIteration as done:
        result: CallResult = done.value
        return result
