"""The signals that stop `memoryos serve`, and the one that makes it read its certificate anew."""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from memoryos_server.http.certificate import CertificateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from memoryos_server.http.certificate import Certificate

__all__ = ["handle_signals", "reload_certificate"]

_logger = logging.getLogger("memoryos_server")


def handle_signals(stop: Callable[[], None], reload: Callable[[], None]) -> None:
    """Call `stop` on SIGINT and SIGTERM, and `reload` on SIGHUP.

    SIGHUP stops the server, too, if it has lost the terminal that it was started in.
    """
    # uvicorn handles the first two while it runs, then restores these handlers and raises the
    # signal again: Python's own handlers would end the process by the signal, not with status 0.
    signal.signal(signal.SIGINT, lambda *_: stop())
    signal.signal(signal.SIGTERM, lambda *_: stop())
    if not hasattr(signal, "SIGHUP"):  # Windows
        return
    had_terminal = _has_terminal()
    signal.signal(
        signal.SIGHUP, lambda *_: stop() if had_terminal and not _has_terminal() else reload()
    )


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
