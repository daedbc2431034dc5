"""Run jobs concurrently in threads and yield results in order."""

from __future__ import annotations

import sys
import time
from collections import deque
from queue import SimpleQueue
from threading import Event, Thread, current_thread
from typing import (
    TYPE_CHECKING,
    Callable,
    Deque,
    Generator,
    Generic,
    Iterable,
    List,
    Optional,
    TypeVar,
    cast,
)

if TYPE_CHECKING:
    from .session import Session

Job = TypeVar("Job")
Result = TypeVar("Result")

STOP_GRACE_SECONDS = 1.0
"""How long to wait for the attempts under way when the caller stops early."""

# Ctrl-C doesn't interrupt a wait on Windows; it is handled after it.
_LONGEST_WAIT_SECONDS = 1.0


def in_order(
    session: Session,
    work: Callable[[Session, Job], Result],
    jobs: Iterable[Job],
    concurrency: int,
) -> Generator[Result, None, None]:
    """Yield `work(session, job)` for each job, in order, with at most `concurrency` running.

    Jobs are read from the iterable on demand. If the caller stops early, no other job or attempt is
    started, and a running job ends with its present attempt. The threads are daemons, so that an
    attempt that hangs keeps neither the caller nor the interpreter waiting.

    Args:
        session: The session to send with. The jobs get one whose waits end when the caller stops.
        work: Does one job.
        jobs: The jobs.
        concurrency: The maximum number of running jobs.
    """
    running: Deque[_Task[Job, Result]] = deque()
    workers = _Workers(session, work, concurrency)
    try:
        for job in jobs:
            running.append(workers.submit(job))
            if len(running) >= concurrency:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        workers.stop()


class _Stopped(BaseException):
    """The caller has stopped: a job must not make another attempt."""


class _Task(Generic[Job, Result]):
    """A job, and its result or error."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._done = Event()
        self._result: Optional[Result] = None
        self._error: Optional[BaseException] = None

    def run(self, work: Callable[[Job], Result]) -> None:
        try:
            self._result = work(self._job)
        except BaseException as error:  # noqa: BLE001 - `result` raises it in the caller's thread
            self._error = error
        finally:
            self._done.set()

    def result(self) -> Result:
        while not self._done.wait(_LONGEST_WAIT_SECONDS):
            pass
        if self._error is not None:
            raise self._error
        return cast("Result", self._result)


class _Workers(Generic[Job, Result]):
    """Threads that run tasks until they are stopped."""

    def __init__(
        self, session: Session, work: Callable[[Session, Job], Result], most_threads: int
    ) -> None:
        self._stopped = stopped = Event()
        stoppable = session.with_sleep(_until_stopped(session.sleep, stopped))
        self._work: Callable[[Job], Result] = lambda job: work(stoppable, job)
        self._most_threads = most_threads
        self._threads: List[Thread] = []
        self._tasks: SimpleQueue[Optional[_Task[Job, Result]]] = SimpleQueue()

    def submit(self, job: Job) -> _Task[Job, Result]:
        task: _Task[Job, Result] = _Task(job)
        self._tasks.put(task)
        if len(self._threads) < self._most_threads:
            # The threads don't refer to this object: a generator that is dropped stops them.
            thread = Thread(
                target=_run_tasks,
                args=(self._tasks, self._work, self._stopped),
                name=f"memoryos-bulk-{len(self._threads)}",
                daemon=True,
            )
            thread.start()
            self._threads.append(thread)
        return task

    def stop(self) -> None:
        """Start nothing more, and wait a short time for the attempts under way."""
        self._stopped.set()
        for _ in self._threads:
            self._tasks.put(None)
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


def _run_tasks(
    tasks: SimpleQueue[Optional[_Task[Job, Result]]], work: Callable[[Job], Result], stopped: Event
) -> None:
    while True:
        task = tasks.get()
        if task is None or stopped.is_set():
            return
        task.run(work)
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
