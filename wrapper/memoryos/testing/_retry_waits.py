"""Skip the waits between attempts, and record them."""

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
    """The waits between attempts of all clients, in seconds. They are recorded, not slept.

    The clients' clock advances by each wait, so that deadlines expire as if the time had passed.

    Example:
        >>> def test_retry(memoryos_server, memoryos_waits):
        ...     memoryos_server.fail_next(status=429, retry_after=20)
        ...     memoryos_server.client().search("coffee")
        ...     assert memoryos_waits == [20]
    """


class _RecordedWaits:
    """Replaces the waiting of clients."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits

    def retry_steps(self, call: Call[Any], location: str, policy: Policy, clock: Clock) -> Steps:
        """Return the steps of a call, with a clock that is ahead by all recorded waits."""
        ahead = replace(clock, monotonic=lambda: clock.monotonic() + sum(self._waits))
        return retry_steps(call, location, policy, ahead)

    def run(
        self, steps: Steps, send: Callable[[float], Outcome], _sleep: Callable[[float], None]
    ) -> CallResult:
        """Run the steps, and record the waits."""
        return run(steps, send, self._waits.append)

    async def run_async(
        self,
        steps: Steps,
        send: Callable[[float], Awaitable[Outcome]],
        _sleep: Callable[[float], Awaitable[None]],
    ) -> CallResult:
        """Run the steps, and record the waits."""
        return await run_async(steps, send, self._record)

    async def _record(self, seconds: float) -> None:
        self._waits.append(seconds)


def skip_waits(patch: Callable[[object, str, object], None]) -> Waits:
    """Make all clients of this process record their waits instead of sleeping.

    Args:
        patch: Sets an attribute of a module until the end of the test, like `monkeypatch.setattr`.

    Returns:
        The recorded waits.
    """
    waits = Waits()
    recorded = _RecordedWaits(waits)
    for module in (session, async_session):
        patch(module, "retry_steps", recorded.retry_steps)
    patch(session, "run", recorded.run)
    patch(async_session, "run_async", recorded.run_async)
    return waits
