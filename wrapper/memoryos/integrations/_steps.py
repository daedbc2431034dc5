"""Work as steps: a generator yields the calls it needs, and gets their results sent back.

So a decision is written once, for synchronous and asynchronous clients.
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Generator, TypeVar, cast

__all__ = ["run", "run_async"]

Step = TypeVar("Step")
Result = TypeVar("Result")


def run(steps: Generator[Step, Any, Result], carry_out: Callable[[Step], Any]) -> Result:
    """Carry out steps one after another, and return what the generator returns.

    Args:
        steps: The steps.
        carry_out: Carries out one, and returns its result.
    """
    result: Any = None
    while True:
        try:
            step = steps.send(result)
        except StopIteration as end:
            return cast("Result", end.value)
        result = carry_out(step)


async def run_async(
    steps: Generator[Step, Any, Result], carry_out: Callable[[Step], Awaitable[Any]]
) -> Result:
    """Carry out steps as `run` does, each with an asynchronous function."""
    result: Any = None
    while True:
        try:
            step = steps.send(result)
        except StopIteration as end:
            return cast("Result", end.value)
        result = await carry_out(step)
