"""The protocol of one call: send, look at the outcome, answer, wait and send again, or give up.

A generator without I/O: it yields what to do next, and is told what came of it. The loops that do
it, one for each client, stand at the end.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Generator, NamedTuple, Optional, Union, cast

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
from .responses import Answer, Expected

RETRIED_STATUSES = frozenset({408, 425, 429})

# What a RateLimitError says where the service named no wait, in seconds.
LEAST_RATE_LIMIT_WAIT = 1


@dataclass(frozen=True)
class Policy:
    """How often, how long and when to try again; all times in seconds."""

    timeout: float = 30
    max_retries: int = 3
    deadline: Optional[float] = None
    base_delay: float = 0.5
    longest_delay: float = 8.0
    longest_retry_after: float = 60.0


@dataclass(frozen=True)
class Clock:
    """The seam for tests: where time and chance come from."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    random: Callable[[], float] = random.random


@dataclass(frozen=True)
class Send:
    """Send the request, and wait at most this many seconds for the whole answer."""

    timeout: float


@dataclass(frozen=True)
class Wait:
    """Wait this many seconds."""

    seconds: float


@dataclass(frozen=True)
class Failure:
    """No answer came of a request."""

    cause: BaseException
    timed_out: bool = False
    # Whether the service may have acted on the request all the same.
    sent: bool = True
    # Whether it would fail again in the same way.
    permanent: bool = False
    # What the caller can do about it, to follow the reason.
    advice: str = ""


Outcome = Union[Answer, Failure, None]


class Finished(NamedTuple):
    """What a call came to."""

    data: Any
    answer: Answer
    attempts: int


Steps = Generator[Union[Send, Wait], Outcome, Finished]


@dataclass(frozen=True)
class Call:
    """What the protocol has to know of a call."""

    method: str
    path: str
    origin: str
    expected: Expected = Expected.ITEM


def exchange(call: Call, policy: Policy, clock: Clock) -> Steps:
    """Yield the steps of one call, and return what it came to.

    Args:
        call: The call.
        policy: Its limits.
        clock: Time and chance.

    Raises:
        MemoryOSError: The call failed for good; `attempts` tells how often it was tried.
    """
    started = clock.monotonic()
    attempts = 0
    may_have_acted = False
    while True:
        timeout = min(policy.timeout, _left(policy, clock.monotonic() - started))
        attempts += 1
        outcome = yield Send(timeout)
        try:
            answer = _answered(outcome, call, timeout)
            data = responses.read(answer, expected=call.expected, now=clock.wall())
            return Finished(data, answer, attempts)
        except MemoryOSError as failure:
            failure.attempts, failure.method, failure.path = attempts, call.method, call.path
            if isinstance(failure, NotFoundError) and call.method == "DELETE" and may_have_acted:
                # It was deleted by the attempt whose answer was lost.
                return Finished({"deleted": True}, cast("Answer", outcome), attempts)
            may_have_acted = may_have_acted or _may_have_acted(outcome, failure)
            delay = None
            if not (isinstance(outcome, Failure) and outcome.permanent):
                delay = delay_before_retry(failure, attempts, policy, clock.random)
            if delay is None or delay >= _left(policy, clock.monotonic() - started):
                if isinstance(failure, RateLimitError) and failure.retry_after is None:
                    failure.retry_after = LEAST_RATE_LIMIT_WAIT
                raise
        yield Wait(delay)


def delay_before_retry(
    failure: MemoryOSError, attempts: int, policy: Policy, chance: Callable[[], float]
) -> Optional[float]:
    """Return how many seconds to wait before the next attempt, or None to give up.

    Args:
        failure: What the last attempt came to.
        attempts: How many were made.
        policy: The limits.
        chance: Returns a number from 0 up to 1, for the jitter.
    """
    if attempts > policy.max_retries or not is_retried(failure):
        return None
    asked = failure.retry_after
    if asked is not None:
        return asked if asked <= policy.longest_retry_after else None
    ceiling = min(policy.longest_delay, policy.base_delay * 2.0 ** min(attempts - 1, 32))
    return chance() * ceiling


def is_retried(failure: MemoryOSError) -> bool:
    """Return whether another attempt may help after this failure."""
    if isinstance(failure, (APIConnectionError, APITimeoutError, ServerError)):
        return True
    if isinstance(failure, ConflictError):  # the same request is under way, says Retry-After
        return failure.retry_after is not None
    return failure.status in RETRIED_STATUSES or responses.is_cut_off(failure)


def _answered(outcome: Outcome, call: Call, timeout: float) -> Answer:
    """Return the answer; where none came, raise what that means."""
    if isinstance(outcome, Answer):
        return outcome
    if outcome is None:
        raise AssertionError("a driver sent no outcome")
    if outcome.timed_out:
        message = f"No answer from {call.origin} within {round(timeout, 3):g} seconds"
        raise APITimeoutError("TIMEOUT", message, 504) from outcome.cause
    reason = str(outcome.cause) or type(outcome.cause).__name__
    message = f"No answer from {call.origin}: {reason}{outcome.advice}"
    raise APIConnectionError("CONNECTION_ERROR", message, 503) from outcome.cause


def _may_have_acted(outcome: Outcome, failure: MemoryOSError) -> bool:
    if isinstance(outcome, Failure):
        return outcome.sent
    return failure.status >= 500 or failure.status == 408


def _left(policy: Policy, elapsed: float) -> float:
    return math.inf if policy.deadline is None else max(0.0, policy.deadline - elapsed)


def run(steps: Steps, send: Callable[[float], Outcome], sleep: Callable[[float], None]) -> Finished:
    """Take the steps, and return what the call came to."""
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
        return cast("Finished", done.value)


async def run_async(
    steps: Steps,
    send: Callable[[float], Awaitable[Outcome]],
    sleep: Callable[[float], Awaitable[None]],
) -> Finished:
    """Take the steps, and return what the call came to."""
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
        return cast("Finished", done.value)
