"""Run jobs concurrently in threads and yield results in order."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Callable, Deque, Iterable, Iterator, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Job], Result], jobs: Iterable[Job], concurrency: int
) -> Iterator[Result]:
    """Yield `work(job)` for each job, in order, with at most `concurrency` running.

    Jobs are read from the iterable on demand. If the caller stops early, running jobs finish first
    and no other job is started.
    """
    running: Deque[Future[Result]] = deque()
    with ThreadPoolExecutor(concurrency, thread_name_prefix="memoryos-bulk") as pool:
        try:
            for job in jobs:
                running.append(pool.submit(work, job))
                if len(running) >= concurrency:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()
