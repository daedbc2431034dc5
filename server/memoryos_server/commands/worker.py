"""A worker process of `memoryos serve --workers`, which serves the address with others."""

from __future__ import annotations

import sys
import threading
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING

from memoryos_server.embedders import MissingEmbedderError
from memoryos_server.http.error_log import log_unhandled_error
from memoryos_server.model.errors import ServiceError
from memoryos_server.service.warm_up import WarmUp

from .errors import UsageError
from .exit_statuses import FAILED
from .listening import StartError
from .logging_setup import LEVELS as LOG_LEVELS
from .logging_setup import log_to_standard_error
from .monitoring import create_metrics, observed
from .output import PlainOutput
from .server_process import (
    build_server,
    load_certificate,
    open_embedder,
    open_memories,
    run_server,
)
from .stop_signals import handle_signals, in_background, reload_certificate

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from .serve_options import ServeOptions

__all__ = ["STARTED", "UNAVAILABLE", "work"]

STARTED = ""
"""What a worker sends when it serves; the reason instead if it can't."""

UNAVAILABLE = 3
"""The exit status of a worker that can't start because the database can't be reached."""


def work(options: ServeOptions, listener: socket.socket, supervisor: Connection) -> None:
    """Serve until the supervisor closes the connection or ends, or until SIGINT or SIGTERM.

    The signals are blocked at first.

    Args:
        options: The options of the server.
        listener: The socket that all workers listen on.
        supervisor: Connection to the supervisor: each message asks to read the certificate anew.
    """
    log = log_to_standard_error(LOG_LEVELS[options.log], as_json=options.log_format == "json")
    with listener, log:
        try:
            _serve(options, listener, supervisor)
        except (StartError, UsageError, ServiceError, MissingEmbedderError) as error:
            _tell(supervisor, str(error))
            sys.exit(UNAVAILABLE if getattr(error, "status", None) == 503 else FAILED)
        except Exception as error:  # noqa: BLE001 - its message may contain a password
            log_unhandled_error(error, operation="a worker", request_id="no request")
            _tell(supervisor, f"unexpected {type(error).__name__}")
            sys.exit(FAILED)


def _serve(options: ServeOptions, listener: socket.socket, supervisor: Connection) -> None:
    certificate = load_certificate(options)
    embedder = open_embedder(options)
    metrics = create_metrics(options, embedder)
    with closing(open_memories(options, observed(embedder, metrics))) as service:
        warm_up = WarmUp(embedder)
        server = build_server(
            service, options, certificate, warm_up, metrics, partial(_tell, supervisor, STARTED)
        )

        def stop() -> None:
            server.should_exit = True

        reload = partial(reload_certificate, certificate)
        handle_signals(stop, in_background(reload))
        obeying = threading.Thread(target=_obey, args=(supervisor, stop, reload), daemon=True)
        obeying.start()
        run_server(server, listener, warm_up, PlainOutput(), options)


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
