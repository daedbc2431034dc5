"""Doing many calls at once, with results in the order of the jobs, by threads."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Callable, Deque, Iterable, Iterator, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Job], Result], jobs: Iterable[Job], concurrency: int
) -> Iterator[Result]:
    """Yield `work(job)` for each job, in order, with at most `concurrency` under way.

    Jobs are taken from the iterable as they are needed. When the caller stops early, what is under
    way ends first, and nothing else is begun.
    """
    under_way: Deque[Future[Result]] = deque()
    with ThreadPoolExecutor(concurrency, thread_name_prefix="memoryos-bulk") as pool:
        try:
            for job in jobs:
                under_way.append(pool.submit(work, job))
                if len(under_way) >= concurrency:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
