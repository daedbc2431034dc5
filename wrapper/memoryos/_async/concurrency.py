"""Run jobs concurrently in tasks and yield results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, AsyncGenerator, Awaitable, Callable, Deque, Iterable, TypeVar

if TYPE_CHECKING:
    from .session import AsyncSession

from memoryos._transport.event_loop import check_event_loop

Job = TypeVar("Job")
Result = TypeVar("Result")


async def in_order(
    session: AsyncSession,
    work: Callable[[AsyncSession, Job], Awaitable[Result]],
    jobs: Iterable[Job],
    concurrency: int,
) -> AsyncGenerator[Result, None]:
    """Yield `await work(session, job)` for each job, in order, with at most `concurrency` running.

    Jobs are read from the iterable on demand. If the caller stops early, the running jobs are
    cancelled.

    Args:
        session: The session to send with.
        work: Does one job.
        jobs: The jobs.
        concurrency: The maximum number of running jobs.
    """
    check_event_loop()
    running: Deque[asyncio.Future[Result]] = deque()
    try:
        for job in jobs:
            running.append(asyncio.ensure_future(work(session, job)))
            if len(running) >= concurrency:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
