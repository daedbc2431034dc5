"""Backups at regular times while a program runs."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from memoryos_server.model.timestamps import utc_now

from .backup_folder import BackupFolder, KeptBackup, NewBackup, last_backup, until_due
from .errors import UsageError
from .formatting import one_line
from .redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from .backup_folder import BackupPlan

__all__ = ["BackupSchedule", "retry_delay"]

LOCK_TIMEOUT_SECONDS = 600.0
FIRST_RETRY_SECONDS = 60.0
MAX_RETRY_SECONDS = 3600.0
MAX_SLEEP_SECONDS = 60.0
"""The time until the next backup is computed anew after this time, since clocks can be set."""
STOP_SECONDS = 5.0
_POLL_SECONDS = 0.5


def retry_delay(failures: int, every: timedelta) -> float:
    """Return how long to wait after a number of failed backups in a row, in seconds."""
    doubled = FIRST_RETRY_SECONDS * 2.0 ** min(failures - 1, 10)
    return min(doubled, MAX_RETRY_SECONDS, every.total_seconds())


class BackupSchedule:
    """Makes a backup whenever one is due, each in a process of its own.

    A process of its own takes no time from the threads of a server, and can be ended when the
    server stops. The first backup is due at once, unless the folder has a recent one.

    Args:
        plan: What to back up, where to, and how often.
        on_success: Called with each new backup, and with one that is found, such as at the start.
        on_failure: Called with a message, which names the reason and the last good backup.
    """

    def __init__(
        self,
        plan: BackupPlan,
        *,
        on_success: Callable[[NewBackup | KeptBackup], object],
        on_failure: Callable[[str], object],
    ) -> None:
        assert plan.every is not None
        self._plan, self._every = plan, plan.every
        self._folder = BackupFolder(plan)
        self._on_success = on_success
        self._on_failure = on_failure
        self._last: KeptBackup | None = None
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Make backups in a thread during the block. A backup in progress is given up at its end.

        Raises:
            UsageError: The folder can't be used.
        """
        self._folder.check()
        thread = threading.Thread(target=self.run, name="memoryos-backups")
        thread.start()
        try:
            yield
        finally:
            self.stop()
            thread.join()

    def run(self) -> None:
        """Make backups until `stop` is called."""
        self._find_last()
        failures = 0
        while not self._stop.wait(self._seconds_to_wait(failures)):
            if self._until_due() or self._make_backup():
                failures = 0
            else:
                failures += 1

    def stop(self) -> None:
        """Let `run` return; may be called by a signal handler."""
        self._stop.set()

    def _find_last(self) -> bool:
        """Look for the last good backup, and return whether that was possible."""
        if self._last is None:
            try:
                last = last_backup(self._folder.backups(), utc_now())
            except Exception:  # noqa: BLE001 - the attempt to make one reports it
                return False
            if last is not None:
                self._succeeded(last)
        return True

    def _failure(self, reason: str) -> str:
        since = "there is none yet" if self._find_last() else "the last good one isn't known"
        if self._last is not None:
            since = f"the last good one is {self._last.file.name}"
        return f"no backup in {self._plan.folder}: {reason}; {since}"

    def _succeeded(self, backup: NewBackup | KeptBackup) -> None:
        self._last = KeptBackup(backup.time, backup.file)
        self._on_success(backup)

    def _seconds_to_wait(self, failures: int) -> float:
        if failures:
            return retry_delay(failures, self._every)
        return min(self._until_due().total_seconds(), MAX_SLEEP_SECONDS)

    def _until_due(self) -> timedelta:
        """Return when to try; a last backup that is gone, perhaps with its disk, doesn't count."""
        with suppress(OSError):
            if self._last is not None and self._last.file.exists():
                return until_due(self._last, utc_now(), self._every)
        return timedelta(0)

    def _make_backup(self) -> bool:
        """Make a backup if one is due, report that, and return whether it went well."""
        outcome = self._outcome()
        if isinstance(outcome, str):
            if not self._stop.is_set():
                self._on_failure(self._failure(outcome))
            return False
        self._succeeded(outcome)
        return True

    def _outcome(self) -> NewBackup | KeptBackup | str:
        """Return the backup that a process made or found, or the reason for a failure."""
        processes = multiprocessing.get_context("spawn")
        receiving, sending = processes.Pipe(duplex=False)
        process = processes.Process(target=_work, args=(self._plan, sending), daemon=True)
        with receiving:
            try:
                with sending:
                    process.start()
            except OSError as error:
                return f"can't start a process: {error.strerror}"
            try:
                return self._received(receiving)
            except EOFError:
                process.join(STOP_SECONDS)
                return f"its process ended with status {process.exitcode}"
            finally:
                _end(process)

    def _received(self, receiving: Connection) -> NewBackup | KeptBackup | str:
        while not receiving.poll(_POLL_SECONDS):
            if self._stop.is_set():
                return "the program stopped"
        result: NewBackup | KeptBackup | str = receiving.recv()
        return result


def _end(process: multiprocessing.process.BaseProcess) -> None:
    process.terminate()
    process.join(STOP_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def _work(plan: BackupPlan, sending: Connection) -> None:
    """Make a backup in this process, and send the outcome."""
    # Ctrl-C in a terminal reaches this process too; the one that started it ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # An exception removes the unfinished file.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with suppress(OSError):  # the other side has ended
        sending.send(_attempt(plan))


def _attempt(plan: BackupPlan) -> NewBackup | KeptBackup | str:
    from memoryos_server.model.errors import ServiceError
    from memoryos_server.stores.sqlite.backup import BackupError
    from memoryos_server.stores.transfer import TransferError

    try:
        return BackupFolder(plan).make(lock_timeout=LOCK_TIMEOUT_SECONDS)
    except (BackupError, ServiceError, TransferError, UsageError) as error:
        return redact(one_line(str(error)))
    except OSError as error:
        return f"{plan.folder}: {error.strerror}"
    except Exception as error:  # noqa: BLE001 - its message may quote a memory
        return f"unexpected {type(error).__name__}; memoryos backup shows more"
