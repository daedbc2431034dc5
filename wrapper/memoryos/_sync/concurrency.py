"""Run jobs concurrently in threads and yield results in order."""

from __future__ import annotations

import sys
import time
from collections import deque
from queue import SimpleQueue
from threading import Event, Lock, Thread, current_thread
from typing import (
    TYPE_CHECKING,
    Callable,
    Deque,
    Dict,
    Generator,
    Generic,
    Iterable,
    List,
    Optional,
    TypeVar,
    cast,
)

if TYPE_CHECKING:
    from memoryos._bulk.create_order import JobOrder, Turn

    from .session import Session

Item = TypeVar("Item")
Job = TypeVar("Job")
Result = TypeVar("Result")

READS_ASYNC_ITERABLES = False

STOP_GRACE_SECONDS = 1.0
"""How long to wait for the attempts under way when the caller stops early."""

# Ctrl-C doesn't interrupt a wait on Windows; it is handled after it.
_LONGEST_WAIT_SECONDS = 1.0


def in_order(
    session: Session,
    work: Callable[[Session, Job], Result],
    order: JobOrder[Job],
    items: Iterable[Item],
    make_turn: Callable[[int, Item], Turn[Job]],
) -> Generator[Result, None, None]:
    """Yield `work(session, job)` for each item, in order.

    Items are read on demand. If reading one raises an error, the results of the items before are
    yielded first. If the caller stops early, no other job or attempt is started, and a running job
    ends with its present attempt. The threads are daemons, so that an attempt that hangs keeps
    neither the caller nor the interpreter waiting.

    Args:
        session: The session to send with. The jobs get one whose waits end when the caller stops.
        work: Does one job.
        order: Decides which jobs may run.
        items: The items.
        make_turn: Returns the job of an item, from its position and the item.
    """
    workers = _Workers(session, work, order)
    held: Deque[_Task[Job, Result]] = deque()
    reader = enumerate(items)
    failure: Optional[Exception] = None
    is_over = False
    try:
        while held or not is_over:
            lags_behind = order.has_read_ahead and held[0].has_ended
            if is_over or lags_behind or not order.wants_job:
                result = held.popleft().result()
                order.hand_out()
                yield result
                continue
            try:
                index, item = next(reader)
                task: _Task[Job, Result] = _Task(make_turn(index, item))
            except StopIteration:
                is_over = True
            except Exception as error:  # noqa: BLE001 - raised after the results
                failure, is_over = error, True
            else:
                held.append(task)
                workers.add(task)
        if failure is not None:
            raise failure
    finally:
        workers.stop()


class _Stopped(BaseException):
    """The caller has stopped: a job must not make another attempt."""


class _Task(Generic[Job, Result]):
    """A job, and its result or error."""

    def __init__(self, turn: Turn[Job]) -> None:
        self.turn = turn
        self._done = Event()
        self._result: Optional[Result] = None
        self._error: Optional[BaseException] = None

    def run(self, work: Callable[[Job], Result]) -> bool:
        """Do the job, and return whether it has a result."""
        try:
            self._result = work(self.turn.job)
        except BaseException as error:  # noqa: BLE001 - `result` raises it in the caller's thread
            self._error = error
        return self._error is None

    def end(self) -> None:
        """Let `result` return."""
        self._done.set()

    @property
    def has_ended(self) -> bool:
        """Whether `result` returns at once."""
        return self._done.is_set()

    def result(self) -> Result:
        while not self._done.wait(_LONGEST_WAIT_SECONDS):
            pass
        if self._error is not None:
            raise self._error
        return cast("Result", self._result)


class _Queue(Generic[Job, Result]):
    """The tasks that may run, and those that wait for others. Thread-safe."""

    def __init__(self, order: JobOrder[Job]) -> None:
        self._order = order
        self._lock = Lock()
        self._ready: SimpleQueue[Optional[_Task[Job, Result]]] = SimpleQueue()
        self._waiting: Dict[Turn[Job], _Task[Job, Result]] = {}

    def add(self, task: _Task[Job, Result]) -> None:
        turn = task.turn
        if turn.keys:
            with self._lock:
                if not self._order.add(turn):
                    self._waiting[turn] = task
                    return
        else:
            self._order.add(turn)
        self._ready.put(task)

    def end(self, task: _Task[Job, Result]) -> None:
        if not task.turn.keys:
            self._order.end(task.turn)
            return
        with self._lock:
            for turn in self._order.end(task.turn):
                self._ready.put(self._waiting.pop(turn))

    def get(self) -> Optional[_Task[Job, Result]]:
        """Return the next task, or None if there are no more."""
        return self._ready.get()

    def close(self, threads: int) -> None:
        for _ in range(threads):
            self._ready.put(None)


class _Workers(Generic[Job, Result]):
    """Threads that run tasks until they are stopped."""

    def __init__(
        self, session: Session, work: Callable[[Session, Job], Result], order: JobOrder[Job]
    ) -> None:
        self._stopped = stopped = Event()
        stoppable = session.with_sleep(_until_stopped(session.sleep, stopped))
        self._work: Callable[[Job], Result] = lambda job: work(stoppable, job)
        self._most_threads = min(order.concurrency, session.useful_threads or order.concurrency)
        self._threads: List[Thread] = []
        self._queue: _Queue[Job, Result] = _Queue(order)

    def add(self, task: _Task[Job, Result]) -> None:
        """Run a task as soon as it may, in one of the threads."""
        self._queue.add(task)
        if len(self._threads) < self._most_threads:
            # The threads don't refer to this object: a generator that is dropped stops them.
            thread = Thread(
                target=_run_tasks,
                args=(self._queue, self._work, self._stopped),
                name=f"memoryos-bulk-{len(self._threads)}",
                daemon=True,
            )
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Start nothing more, and wait a short time for the attempts under way."""
        self._stopped.set()
        self._queue.close(len(self._threads))
        if sys.is_finalizing():  # the threads are stopped already, and never end
            return
        deadline = time.monotonic() + STOP_GRACE_SECONDS
        try:
            for thread in self._threads:
                if thread is not current_thread():  # the garbage collector runs in any thread
                    thread.join(max(0.0, deadline - time.monotonic()))
        except KeyboardInterrupt:
            # Another Ctrl-C ends the wait. Only one traceback is shown.
            raise KeyboardInterrupt from None


def _run_tasks(queue: _Queue[Job, Result], work: Callable[[Job], Result], stopped: Event) -> None:
    while True:
        task = queue.get()
        if task is None or stopped.is_set():
            return
        if task.run(work):  # otherwise nothing that waits for it may run
            queue.end(task)
        task.end()
        del task  # while the thread waits for the next one


def _until_stopped(sleep: Callable[[float], None], stopped: Event) -> Callable[[float], None]:
    """Return a function that sleeps, and raises `_Stopped` as soon as the caller has stopped."""

    def sleep_until_stopped(seconds: float) -> None:
        if sleep is not time.sleep:  # replaced in tests
            sleep(seconds)
            seconds = 0
        if stopped.wait(seconds):
            raise _Stopped

    return sleep_until_stopped
