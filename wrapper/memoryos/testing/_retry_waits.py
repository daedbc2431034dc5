"""Waits between attempts that take no time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Awaitable, Callable, List

from memoryos._async import session as async_session
from memoryos._protocol.retries import retry_steps, run, run_async
from memoryos._sync import session

if TYPE_CHECKING:
    from memoryos._protocol.calls import Call
    from memoryos._protocol.retries import CallResult, Clock, Outcome, Policy, Steps


class Waits(List[float]):
    """The waits of all clients, in seconds: those that were asked for, and took no time.

    For the clients it is as if the time had passed: a deadline that would be over is over.
    """


class _Unhurried:
    """What clients do in place of waiting."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits

    def retry_steps(self, call: Call[Any], origin: str, policy: Policy, clock: Clock) -> Steps:
        """Take the steps of a call by a clock that is ahead by all waits so far."""
        ahead = replace(clock, monotonic=lambda: clock.monotonic() + sum(self._waits))
        return retry_steps(call, origin, policy, ahead)

    def run(
        self, steps: Steps, send: Callable[[float], Outcome], _sleep: Callable[[float], None]
    ) -> CallResult:
        """Take the steps, and note the waits."""
        return run(steps, send, self._waits.append)

    async def run_async(
        self,
        steps: Steps,
        send: Callable[[float], Awaitable[Outcome]],
        _sleep: Callable[[float], Awaitable[None]],
    ) -> CallResult:
        """Take the steps, and note the waits."""
        return await run_async(steps, send, self._note)

    async def _note(self, seconds: float) -> None:
        self._waits.append(seconds)


def without_waiting(put: Callable[[object, str, object], None]) -> Waits:
    """Have every client of this process note its waits instead, and return the notes.

    Args:
        put: Sets an attribute of a module, and puts it back later, as pytest's monkeypatch does.
    """
    waits = Waits()
    unhurried = _Unhurried(waits)
    for module in (session, async_session):
        put(module, "retry_steps", unhurried.retry_steps)
    put(session, "run", unhurried.run)
    put(async_session, "run_async", unhurried.run_async)
    return waits
