"""Doing many calls at once, with results in the order of the jobs, by tasks."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import AsyncIterator, Awaitable, Callable, Deque, Iterable, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


async def in_order(
    work: Callable[[Job], Awaitable[Result]], jobs: Iterable[Job], concurrency: int
) -> AsyncIterator[Result]:
    """Yield `await work(job)` for each job, in order, with at most `concurrency` under way.

    Jobs are taken from the iterable as they are needed. When the caller stops early, what is under
    way is cancelled.
    """
    under_way: Deque[asyncio.Future[Result]] = deque()
    try:
        for job in jobs:
            under_way.append(asyncio.ensure_future(work(job)))
            if len(under_way) >= concurrency:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
