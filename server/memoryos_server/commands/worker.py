"""A worker process of `memoryos serve --workers`, which serves the address with others."""

from __future__ import annotations

import sys
import threading
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING

from .exit_statuses import FAILED
from .logging_setup import log_to_standard_error
from .output import PlainOutput
from .server_process import (
    build_server,
    load_certificate,
    open_embedder,
    open_memories,
    run_server,
)
from .stop_signals import handle_signals, reload_certificate

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from .serve_options import ServeOptions

__all__ = ["STARTED", "work"]

STARTED = ""
"""What a worker sends when it serves; the reason instead if it can't."""


def work(
    options: ServeOptions, level: int, listener: socket.socket, supervisor: Connection
) -> None:
    """Serve until the supervisor closes the connection or ends, or until SIGINT or SIGTERM.

    The signals are blocked at first.

    Args:
        options: The options of the server.
        level: The log level.
        listener: The socket that all workers listen on.
        supervisor: Connection to the supervisor: each message asks to read the certificate anew.
    """
    try:
        with listener, log_to_standard_error(level):
            _serve(options, listener, supervisor)
    except Exception as error:  # noqa: BLE001 - the supervisor reports it
        _tell(supervisor, str(error) or type(error).__name__)
        sys.exit(FAILED)


def _serve(options: ServeOptions, listener: socket.socket, supervisor: Connection) -> None:
    certificate = load_certificate(options)
    embedder = open_embedder(options)
    with closing(open_memories(options, embedder)) as service:
        server = build_server(
            service, options, certificate, on_start=lambda: _tell(supervisor, STARTED)
        )

        def stop() -> None:
            server.should_exit = True

        reload = partial(reload_certificate, certificate)
        handle_signals(stop, reload)
        obeying = threading.Thread(target=_obey, args=(supervisor, stop, reload), daemon=True)
        obeying.start()
        run_server(server, listener, embedder, PlainOutput())


def _obey(supervisor: Connection, stop: Callable[[], None], reload: Callable[[], None]) -> None:
    try:
        while True:
            supervisor.recv_bytes()
            reload()
    except (EOFError, OSError):  # the supervisor has ended, or closed the connection
        stop()


def _tell(supervisor: Connection, text: str) -> None:
    with suppress(OSError):  # the supervisor has ended
        supervisor.send_bytes(text.encode())
