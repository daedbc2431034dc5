"""Logging of `memoryos serve` to standard error, without ever waiting for its reader."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from memoryos_server.http.error_log import log_unhandled_error

from .log_formats import JSONFormatter, TextFormatter

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["DEFAULT_LEVEL", "LEVELS", "log_to_standard_error"]

DEFAULT_LEVEL = "info"
LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_MAX_QUEUED_RECORDS = 10_000
_STOP_SECONDS = 1.0
_COLLECTION_SECONDS = 0.02
_logger = logging.getLogger("memoryos_server")


@contextmanager
def log_to_standard_error(level: int, *, as_json: bool = False) -> Generator[None, None, None]:
    """Write log records to standard error: the server's from `level` on, others from warnings on.

    Warnings of Python and exceptions of threads are logged, too. A thread writes the lines, so that
    a full pipe doesn't stop the server. If more records wait than the queue holds, further ones are
    dropped and counted.

    Args:
        level: The level of the server's own records.
        as_json: Whether each line is a JSON object.
    """
    handler = _StandardErrorHandler()
    handler.setFormatter(JSONFormatter() if as_json else TextFormatter())
    root, own = logging.getLogger(), logging.getLogger("memoryos_server")
    previous = own.level
    own.setLevel(level)
    root.addHandler(handler)
    try:
        with _log_warnings_and_exceptions():
            yield
    finally:
        root.removeHandler(handler)
        own.setLevel(previous)
        handler.close()


@contextmanager
def _log_warnings_and_exceptions() -> Generator[None, None, None]:
    """Log what Python would write to standard error: it may quote content, and is no JSON."""

    def log_exception(args: Any, *, operation: str) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            log_unhandled_error(args.exc_value, operation=operation, request_id="no request")

    hooks = threading.excepthook, sys.unraisablehook
    threading.excepthook = partial(log_exception, operation="a thread")
    sys.unraisablehook = partial(log_exception, operation="a finalizer")
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        threading.excepthook, sys.unraisablehook = hooks


class _StandardErrorHandler(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self._lines: queue.Queue[str | None] = queue.Queue(_MAX_QUEUED_RECORDS)
        self._dropped = 0
        # A daemon, because nothing can end a thread that writes to a pipe which nobody reads.
        self._thread = threading.Thread(target=self._write_all, name="memoryos-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001 - as in every logging handler
            # logging would print the arguments, which may be content or keys.
            line = self._format_own(
                f"a record of {record.name} can't be written: {type(error).__name__} "
                f"({record.pathname}, line {record.lineno})"
            )
        self._put(line)

    def _put(self, text: str) -> None:
        try:
            self._lines.put_nowait(f"{text}\n")
        except queue.Full:
            self._dropped += 1  # under the handler's lock

    def close(self) -> None:
        """Write what is queued, unless standard error takes nothing."""
        with suppress(queue.Full):
            self._lines.put(None, timeout=_STOP_SECONDS)
            self._thread.join(_STOP_SECONDS)
        super().close()

    def _write_all(self) -> None:
        is_open = True
        while is_open:
            lines = self._collect()
            is_open = None not in lines
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                lines.append(f"{self._format_own(f'{dropped} log lines were dropped')}\n")
            for line in filter(None, lines):  # one by one: other workers may write to the same pipe
                _write(line)

    def _collect(self) -> list[str | None]:
        """Wait for a line, and return it with those that come shortly after."""
        lines = [self._lines.get()]
        # Waking this thread for each line would cost a request more than writing the line.
        time.sleep(_COLLECTION_SECONDS)
        with suppress(queue.Empty):
            while len(lines) < _MAX_QUEUED_RECORDS:
                lines.append(self._lines.get_nowait())
        return lines

    def _format_own(self, message: str) -> str:
        """Return the line of a warning about the log itself."""
        return self.format(
            _logger.makeRecord(_logger.name, logging.WARNING, "", 0, message, (), None)
        )


def _write(text: str) -> None:
    """Write to standard error, and ignore that nobody reads it."""
    with suppress(OSError, ValueError, AttributeError):  # closed, or replaced by None
        descriptor = _descriptor()
        if descriptor is None:
            sys.stderr.write(text)
            return
        # Not through its buffer: its lock, held by a blocked write, would block the exit.
        data = text.encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(descriptor, data) :]


def _descriptor() -> int | None:
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        return None
