"""Run jobs concurrently in tasks and yield results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import AsyncIterator, Awaitable, Callable, Deque, Iterable, TypeVar

from memoryos._transport.event_loop import check_event_loop

Job = TypeVar("Job")
Result = TypeVar("Result")


async def in_order(
    work: Callable[[Job], Awaitable[Result]], jobs: Iterable[Job], concurrency: int
) -> AsyncIterator[Result]:
    """Yield `await work(job)` for each job, in order, with at most `concurrency` running.

    Jobs are read from the iterable on demand. If the caller stops early, the running jobs are
    cancelled.
    """
    check_event_loop()
    running: Deque[asyncio.Future[Result]] = deque()
    try:
        for job in jobs:
            running.append(asyncio.ensure_future(work(job)))
            if len(running) >= concurrency:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
