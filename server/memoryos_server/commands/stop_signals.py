"""The signals that stop `memoryos serve`, and the one that makes it read its certificate anew."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from memoryos_server.http.certificate import CertificateError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from memoryos_server.http.certificate import Certificate

__all__ = ["blocked_signals", "handle_signals", "in_background", "reload_certificate"]

_HANDLED = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

_CAN_BLOCK = hasattr(signal, "pthread_sigmask")  # not on Windows

_logger = logging.getLogger("memoryos_server")


def handle_signals(stop: Callable[[], None], reload: Callable[[], None]) -> None:
    """Call `stop` on SIGINT and SIGTERM, and `reload` on SIGHUP.

    SIGHUP stops the server, too, if it has lost the terminal that it was started in. The functions
    may interrupt any other, such as one that logs: they must not log, and not wait.
    """
    # uvicorn handles the first two while it runs, then restores these handlers and raises the
    # signal again: Python's own handlers would end the process by the signal, not with status 0.
    had_terminal = _has_terminal()

    def handle(received: int, _: object) -> None:
        hung_up = had_terminal and not _has_terminal()
        if received in (signal.SIGINT, signal.SIGTERM) or hung_up:
            stop()
        else:
            reload()

    for handled in _HANDLED:
        signal.signal(handled, handle)
    if _CAN_BLOCK:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)


@contextmanager
def blocked_signals() -> Generator[None, None, None]:
    """Delay these signals, also in processes started in the block until they handle them."""
    if not _CAN_BLOCK:
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)


def in_background(work: Callable[[], None]) -> Callable[[], None]:
    """Return a function for a signal, which lets a thread call `work`."""
    requests: SimpleQueue[None] = SimpleQueue()  # unlike those of Queue, its `put` is reentrant

    def call() -> None:
        while True:
            requests.get()
            work()

    threading.Thread(target=call, name="memoryos-signals", daemon=True).start()
    return lambda: requests.put(None)


def reload_certificate(certificate: Certificate | None) -> None:
    """Read the certificate anew for new connections; if it can't be used, the old one stays."""
    if certificate is None:
        _logger.info("SIGHUP: without --tls-cert there is nothing to read anew")
        return
    try:
        certificate.reload()
    except CertificateError as error:
        _logger.error("The certificate in use stays: %s", error)  # noqa: TRY400 - no traceback
    else:
        _logger.info("The TLS certificate was read anew; it is for new connections")


def _has_terminal() -> bool:
    with suppress(OSError, ValueError, AttributeError):  # closed, or replaced by None
        return os.isatty(sys.stdin.fileno())
    return False
