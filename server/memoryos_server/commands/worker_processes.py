"""One place among the workers of a server: a process, and those that replace it."""

from __future__ import annotations

import math
import signal
import time
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from .stop_signals import blocked_signals
from .worker import STARTED, UNAVAILABLE, work
from .worker_restarts import Restarts

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["WorkerProcess"]

# A forked process would share the threads' locks and the connections to the database.
_context = get_context("spawn")


class WorkerProcess:
    """A worker process, and those that replace it.

    Args:
        number: Its number in the log, from 1.
        arguments: The first arguments of `work`.

    Attributes:
        connection: Connection to the process, or None if there is none.
        serves: Whether it has started to serve.
        failure: Why the last process has ended, or an empty string.
    """

    def __init__(self, number: int, arguments: tuple[Any, ...]) -> None:
        self.number = number
        self._arguments = arguments
        self._restarts = Restarts()
        self._start_at: float | None = 0.0
        self._started_at = 0.0
        self._process: Any = None
        self.connection: Connection | None = None
        self.serves = False
        self.failure = ""

    @property
    def process_id(self) -> int:
        """The ID of the process, or of the last one."""
        return int(self._process.pid)

    @property
    def is_given_up(self) -> bool:
        """Whether it has failed too often to be replaced."""
        return self._start_at is None

    @property
    def seconds_to_start(self) -> float:
        """The time until a process is to be started; infinite while there is one."""
        if self.connection is not None or self._start_at is None:
            return math.inf
        return max(0.0, self._start_at - time.monotonic())

    def start(self) -> None:
        """Start a process."""
        self.connection, other_end = _context.Pipe()
        self._process = _context.Process(
            target=work, args=(*self._arguments, other_end), name=f"memoryos-worker-{self.number}"
        )
        with blocked_signals():
            self._process.start()
        other_end.close()  # so that the connection ends with the process
        self._started_at = time.monotonic()
        self.serves, self.failure = False, ""

    def receive(self) -> bool:
        """Receive a message of the process, and return False if it has ended instead."""
        assert self.connection is not None
        try:
            message = self.connection.recv_bytes().decode()
        except (EOFError, OSError):
            self._end()
            return False
        self.serves = message == STARTED
        self.failure = message
        return True

    def reload_certificate(self) -> None:
        """Ask the process to read the certificate anew."""
        if self.connection is not None:
            with suppress(OSError):  # it has ended
                self.connection.send_bytes(b"")

    def ask_to_stop(self) -> None:
        """Ask the process to finish its requests and end."""
        if self.connection is not None:
            self.connection.close()

    def join(self, seconds: float) -> None:
        """Wait until the process has ended; kill it after `seconds`."""
        if self._process is not None:
            self._process.join(max(0.0, seconds))
            self._process.kill()
            self._process.join()

    def _end(self) -> None:
        assert self.connection is not None
        self.connection.close()
        self.connection, self.serves = None, False
        self._process.join()
        self.failure = self.failure or _describe_exit(self._process.exitcode)
        now = time.monotonic()
        is_unavailable = self._process.exitcode == UNAVAILABLE
        delay = self._restarts.delay(now - self._started_at, is_unavailable=is_unavailable)
        self._start_at = None if delay is None else now + delay


def _describe_exit(status: int) -> str:
    if status >= 0:
        return f"it ended with status {status}"
    try:
        return f"it was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"it was ended by signal {-status}"
