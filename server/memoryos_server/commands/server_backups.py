"""The backups that `memoryos serve` makes while it runs."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from .backup_folder import BackupFolder, BackupPlan, NewBackup
from .backup_schedule import BackupSchedule
from .errors import UsageError
from .store_options import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from .backup_folder import KeptBackup
    from .serve_options import ServeOptions

__all__ = ["server_backups"]

_logger = logging.getLogger("memoryos_server.backups")


def server_backups(
    options: ServeOptions, place: str, on_success: Callable[[datetime], object]
) -> AbstractContextManager[None]:
    """Return the context in which the backups that `options` ask for are made and logged.

    Args:
        options: The options of the server.
        place: The absolute path of its database, or the URL of its PostgreSQL database.
        on_success: Called with the time of each good backup, and of the last one at the start.

    Raises:
        UsageError: The folder for the backups can't be used.
    """
    if options.backup_dir is None:
        return nullcontext()
    if place == IN_MEMORY:
        raise UsageError(f"--backup-dir: {IN_MEMORY} can't be backed up; use --data or --store")
    plan = BackupPlan(
        place,
        Path(options.backup_dir).expanduser().absolute(),
        options.backup_keep,
        options.backup_every,
    )
    BackupFolder(plan).check()

    def succeeded(backup: NewBackup | KeptBackup) -> None:
        if isinstance(backup, NewBackup):
            _logger.info("backup %s", backup.describe())
        on_success(backup.time)

    return BackupSchedule(plan, on_success=succeeded, on_failure=_logger.error).running()
