"""Waits between attempts that take no time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Awaitable, Callable, List

from memoryos._async import session as async_session
from memoryos._protocol.retries import exchange, run, run_async
from memoryos._sync import session

if TYPE_CHECKING:
    from memoryos._protocol.retries import Call, Clock, Finished, Outcome, Policy, Steps


class Waits(List[float]):
    """The waits of all clients, in seconds: those that were asked for, and took no time.

    For the clients it is as if the time had passed: a deadline that would be over is over.
    """


class _RecordedWaits:
    """What clients do in place of waiting."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits

    def exchange(self, call: Call, policy: Policy, clock: Clock) -> Steps:
        """Take the steps of a call by a clock that is ahead by all waits so far."""
        ahead = replace(clock, monotonic=lambda: clock.monotonic() + sum(self._waits))
        return exchange(call, policy, ahead)

    def run(
        self, steps: Steps, send: Callable[[float], Outcome], _sleep: Callable[[float], None]
    ) -> Finished:
        """Take the steps, and note the waits."""
        return run(steps, send, self._waits.append)

    async def run_async(
        self,
        steps: Steps,
        send: Callable[[float], Awaitable[Outcome]],
        _sleep: Callable[[float], Awaitable[None]],
    ) -> Finished:
        """Take the steps, and note the waits."""
        return await run_async(steps, send, self._note)

    async def _note(self, seconds: float) -> None:
        self._waits.append(seconds)


def skip_waits(put: Callable[[object, str, object], None]) -> Waits:
    """Have every client of this process note its waits instead, and return the notes.

    Args:
        put: Sets an attribute of a module, and puts it back later, as pytest's monkeypatch does.
    """
    waits = Waits()
    unhurried = _RecordedWaits(waits)
    for module in (session, async_session):
        put(module, "exchange", unhurried.exchange)
    put(session, "run", unhurried.run)
    put(async_session, "run_async", unhurried.run_async)
    return waits
