"""The supervisor of `memoryos serve --workers`: starts processes, and replaces those that end."""

from __future__ import annotations

import logging
import math
import os
import signal
import socket
import time
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from .exit_statuses import FAILED
from .listening import StartError
from .stop_signals import handle_signals
from .worker_processes import WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from .serve_options import ServeOptions

__all__ = ["Supervisor"]

_STOP_SECONDS = 40.0
"""Time for the workers to finish their requests; they take 30 seconds at most."""

_logger = logging.getLogger("memoryos_server.workers")


class Supervisor:
    """The worker processes of a server.

    A worker ends when its connection to the supervisor does, so none is left if that is killed.

    Args:
        options: The options of the server.
        listener: The socket that the workers listen on. A connection waits in it until a worker
            accepts it, also while workers are replaced.
        on_worker_end: Called with the process id of each worker that has ended.
    """

    def __init__(
        self,
        options: ServeOptions,
        listener: socket.socket,
        on_worker_end: Callable[[int], None],
    ) -> None:
        arguments = (options, listener)
        self._workers = [WorkerProcess(n, arguments) for n in range(1, options.workers + 1)]
        self._listener = listener
        self._on_worker_end = on_worker_end
        self._stops = self._reloads = False
        # Each signal makes one end readable, which ends the wait for the workers.
        self._signals, self._wake_up = socket.socketpair()
        self._wake_up.setblocking(False)  # noqa: FBT003 - the socket's own interface

    def start(self) -> None:
        """Start the workers, and return when all of them serve, or a signal stops the server.

        Raises:
            StartError: One can't start.
        """
        signal.set_wakeup_fd(self._wake_up.fileno(), warn_on_full_buffer=False)
        handle_signals(self._stop, self._reload)
        if os.name == "posix":
            # The first process would start it, and it lets blocked signals through.
            resource_tracker.ensure_running()
        for worker in self._workers:
            worker.start()
        while not self._stops and not all(worker.serves for worker in self._workers):
            for worker in self._wait():
                raise StartError(f"a worker can't start: {worker.failure}")

    def run(self) -> int:
        """Replace workers that end, until SIGINT or SIGTERM.

        Returns:
            The exit status: 0, or 1 if a worker ends again and again.
        """
        while not self._stops:
            for worker in self._wait():
                self._on_worker_end(worker.process_id)
                end = "that was too often" if worker.is_given_up else "it is replaced"
                _logger.error(
                    "worker %d (process %d): %s; %s",
                    *(worker.number, worker.process_id, worker.failure, end),
                )
                if worker.is_given_up:
                    return FAILED
            for worker in self._workers:
                if worker.seconds_to_start == 0:
                    worker.start()
        return 0

    def close(self) -> None:
        """Let the workers finish their requests, and end them."""
        deadline = time.monotonic() + _STOP_SECONDS
        for worker in self._workers:
            worker.ask_to_stop()
        self._listener.close()  # otherwise clients would still connect, and wait for nobody
        for worker in self._workers:
            worker.join(deadline - time.monotonic())
        signal.set_wakeup_fd(-1)
        self._signals.close()
        self._wake_up.close()

    def _wait(self) -> list[WorkerProcess]:
        """Wait for a signal, a message or the end of a worker, or the time to replace one.

        Returns:
            The workers that have ended.
        """
        seconds = min(worker.seconds_to_start for worker in self._workers)
        connected = {w.connection: w for w in self._workers if w.connection is not None}
        ready = wait([self._signals, *connected], None if math.isinf(seconds) else seconds)
        if self._signals in ready:
            self._signals.recv(4096)
        if self._stops:
            return []
        if self._reloads:
            self._reloads = False
            for worker in connected.values():
                worker.reload_certificate()
        return [
            worker
            for connection, worker in connected.items()
            if connection in ready and not worker.receive()
        ]

    def _stop(self) -> None:
        self._stops = True

    def _reload(self) -> None:
        self._reloads = True
