"""`memoryos backup`: copy a Memory OS to one file while it runs, once or at regular times."""

from __future__ import annotations

import argparse
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ServiceError

from .backup_file import describe_backup, write_backup
from .errors import UsageError
from .exit_statuses import FAILED
from .formatting import one_line
from .option_values import interval, positive
from .serve_options import DEFAULT_KEPT_BACKUPS
from .store_options import IN_MEMORY, add_store_options, store_place

if TYPE_CHECKING:
    from .backup_folder import BackupPlan, KeptBackup
    from .output import Output

__all__ = ["configure", "run"]

_STANDARD_OUTPUT = "-"
_LOCK_TIMEOUT_SECONDS = 10.0
_SLEEP_SECONDS = 3600.0
_EPILOG = """examples:
  memoryos backup monday.db
  memoryos backup /var/backups/memoryos --keep 7
  memoryos backup /var/backups/memoryos --keep 28 --every 6h

With --keep, each backup is a new file in the folder FILE, named after the store and the time. When
it is written and checked, older backups of the same store are deleted. Other files never are."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `backup`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument(
        "file",
        metavar="FILE",
        help="the file to write; with --keep or --every, the folder for the backups",
    )
    add_store_options(parser)
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    parser.add_argument(
        "--keep",
        type=positive,
        metavar="N",
        help="write a new file in the folder, and delete all but the newest N backups",
    )
    parser.add_argument(
        "--every",
        type=interval,
        metavar="TIME",
        help="run until stopped, and make a backup at these intervals, such as 6h or 1d; "
        f"keeps {DEFAULT_KEPT_BACKUPS} without --keep",
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Write and verify the copy, and return the exit status."""
    from memoryos_server.stores.factory import MissingStoreError
    from memoryos_server.stores.sqlite.backup import BackupError
    from memoryos_server.stores.transfer import TransferError

    try:
        _check_file(options)
        if options.keep is None and options.every is None:
            _write_file(options, output)
        elif options.every is None:
            _write_to_folder(_plan(options), output)
        else:
            _write_at_intervals(_plan(options), output)
    except (BackupError, MissingStoreError, ServiceError, TransferError, UsageError) as error:
        output.error(f"memoryos backup: {one_line(str(error))}")
        return FAILED
    return 0


def _write_file(options: argparse.Namespace, output: Output) -> None:
    target = Path(options.file).expanduser()
    made = write_backup(store_place(options), target, force=options.force)
    output.line(describe_backup(target, made))


def _write_to_folder(plan: BackupPlan, output: Output) -> None:
    from .backup_folder import BackupFolder, NewBackup

    made = BackupFolder(plan).make(lock_timeout=_LOCK_TIMEOUT_SECONDS)
    assert isinstance(made, NewBackup)  # without an interval, one is always due
    output.line(made.describe())


def _write_at_intervals(plan: BackupPlan, output: Output) -> None:
    from .backup_folder import NewBackup
    from .backup_schedule import BackupSchedule

    def show(backup: NewBackup | KeptBackup) -> None:
        if isinstance(backup, NewBackup):
            output.message(backup.describe())

    schedule = BackupSchedule(
        plan,
        on_success=show,
        on_failure=lambda message: output.error(f"memoryos backup: {message}"),
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C
    with suppress(KeyboardInterrupt), schedule.running():
        while True:
            time.sleep(_SLEEP_SECONDS)


def _plan(options: argparse.Namespace) -> BackupPlan:
    from .backup_folder import BackupPlan

    return BackupPlan(
        place=store_place(options),
        folder=Path(options.file).expanduser().absolute(),
        keep=options.keep or DEFAULT_KEPT_BACKUPS,
        every=options.every,
    )


def _check_file(options: argparse.Namespace) -> None:
    if not options.file:
        raise UsageError("FILE must not be empty")
    if options.file == _STANDARD_OUTPUT:
        raise UsageError("FILE needs the name of a file; - is standard output")
    if options.file == IN_MEMORY:
        raise UsageError(f"FILE: {IN_MEMORY} is lost when the process ends; name a file")
    if options.force and (options.keep or options.every):
        raise UsageError("--force is for one file; --keep and --every replace none")
