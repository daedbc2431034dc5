"""Run jobs concurrently in tasks and yield results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import (
    TYPE_CHECKING,
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Deque,
    Dict,
    Generic,
    Iterable,
    Iterator,
    Optional,
    TypeVar,
    Union,
)

from memoryos._transport.event_loop import check_event_loop

if TYPE_CHECKING:
    from memoryos._bulk.create_order import JobOrder, Turn

    from .session import AsyncSession

Item = TypeVar("Item")
Job = TypeVar("Job")
Result = TypeVar("Result")

READS_ASYNC_ITERABLES = True


async def in_order(
    session: AsyncSession,
    work: Callable[[AsyncSession, Job], Awaitable[Result]],
    order: JobOrder[Job],
    items: Union[Iterable[Item], AsyncIterable[Item]],
    make_turn: Callable[[int, Item], Turn[Job]],
) -> AsyncGenerator[Result, None]:
    """Yield `await work(session, job)` for each item, in order.

    Items are read on demand. If reading one raises an error, the results of the items before are
    yielded first. If the caller stops early, the running jobs are cancelled.

    Args:
        session: The session to send with.
        work: Does one job.
        order: Decides which jobs may run.
        items: The items.
        make_turn: Returns the job of an item, from its position and the item.
    """
    check_event_loop()
    reader = _Reader(items)
    tasks = _Tasks(lambda job: work(session, job), order)
    held: Deque[Turn[Job]] = deque()
    failure: Optional[Exception] = None
    is_over = False
    try:
        while held or not is_over:
            lags_behind = order.has_read_ahead and tasks.has_ended(held[0])
            if is_over or lags_behind or not order.wants_job:
                result = await tasks.result(held.popleft())
                order.hand_out()
                yield result
                continue
            try:
                item = await reader.next()
                held.append(make_turn(reader.count - 1, item))
            except StopAsyncIteration:
                is_over = True
            except Exception as error:  # noqa: BLE001 - raised after the results
                failure, is_over = error, True
            else:
                tasks.add(held[-1])
        if failure is not None:
            raise failure
    finally:
        await tasks.stop()


class _Reader(Generic[Item]):
    """Reads the items of an iterable of either kind."""

    def __init__(self, items: Union[Iterable[Item], AsyncIterable[Item]]) -> None:
        self.count = 0
        self._iterator: Optional[Iterator[Item]] = None
        if isinstance(items, AsyncIterable):
            self._async_iterator: AsyncIterator[Item] = items.__aiter__()
        else:
            self._iterator = iter(items)

    async def next(self) -> Item:
        """Return the next item.

        Raises:
            StopAsyncIteration: There is none.
        """
        if self._iterator is None:
            item = await self._async_iterator.__anext__()
        else:
            try:
                item = next(self._iterator)
            except StopIteration:
                raise StopAsyncIteration from None
        self.count += 1
        return item


class _Tasks(Generic[Job, Result]):
    """Tasks for the jobs that may run, up to the maximum number."""

    def __init__(self, work: Callable[[Job], Awaitable[Result]], order: JobOrder[Job]) -> None:
        self._work = work
        self._order = order
        self._ready: Deque[Turn[Job]] = deque()
        self._tasks: Dict[Turn[Job], asyncio.Future[Result]] = {}
        self._running = 0

    def add(self, turn: Turn[Job]) -> None:
        """Run a job, or let it wait for others."""
        if self._order.add(turn):
            self._ready.append(turn)
            self._start()

    def has_ended(self, turn: Turn[Job]) -> bool:
        """Return whether a job has ended."""
        task = self._tasks.get(turn)
        return task is not None and task.done()

    async def result(self, turn: Turn[Job]) -> Result:
        """Return the result of a job; all earlier ones must have been returned."""
        while turn not in self._tasks:  # it may run, but others do
            await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        result = await self._tasks[turn]
        del self._tasks[turn]
        return result

    async def stop(self) -> None:
        """Start nothing more, and cancel what is running."""
        self._ready.clear()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self) -> None:
        while self._ready and self._running < self._order.concurrency:
            turn = self._ready.popleft()
            self._running += 1
            self._tasks[turn] = asyncio.ensure_future(self._run(turn))

    async def _run(self, turn: Turn[Job]) -> Result:
        result = await self._work(turn.job)
        # Only here: if a job raises an error, or is cancelled, nothing more is started.
        self._running -= 1
        self._ready.extend(self._order.end(turn))
        self._start()
        return result
