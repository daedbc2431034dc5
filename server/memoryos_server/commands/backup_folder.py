"""A folder of backups of one store: make one, and keep the newest.

The name of a backup has the name of its store and the time at which it was begun, such as
`memories-1f0c2a9b-20260314T092653Z.db`. Other files in the folder are never touched, so that
several stores can share it, also of several machines.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from memoryos_server.model.timestamps import utc_now

from .backup_file import describe_backup, write_backup
from .errors import UsageError
from .formatting import plural
from .store_names import store_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from memoryos_server.stores.sqlite.backup import Backup

__all__ = [
    "BackupFolder",
    "BackupPlan",
    "KeptBackup",
    "NewBackup",
    "last_backup",
    "superseded",
    "until_due",
]

_SECOND = timedelta(seconds=1)
_MAX_LEAD = timedelta(minutes=1)
"""How far the time in a name can be ahead because of several backups at once."""

_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_TIME = r"(\d{8}T\d{6}Z)\.db"


class BackupPlan(NamedTuple):
    """What to back up, and where to.

    Attributes:
        place: The absolute path of the database, or the URL of the PostgreSQL database.
        folder: The folder for the backups, which exists.
        keep: How many of the newest backups to keep.
        every: The time from one backup to the next; None to make one in any case.
    """

    place: str
    folder: Path
    keep: int
    every: timedelta | None = None


class KeptBackup(NamedTuple):
    """A backup in a folder, and the time at which it was begun."""

    time: datetime
    file: Path


class NewBackup(NamedTuple):
    """A backup that was just made, with its time, and the files that it superseded."""

    time: datetime
    file: Path
    contents: Backup
    removed: Sequence[Path]

    def describe(self) -> str:
        """Return a line about it."""
        removed = plural(len(self.removed), "older backup")
        end = f"; {removed} deleted" if self.removed else ""
        return f"{describe_backup(self.file, self.contents)}{end}"


def last_backup(backups: Sequence[KeptBackup], now: datetime) -> KeptBackup | None:
    """Return the newest backup, if there is one that isn't of the future."""
    return max((backup for backup in backups if backup.time <= now), default=None)


def until_due(last: KeptBackup | None, now: datetime, every: timedelta) -> timedelta:
    """Return how long it takes until the next backup is due; zero also if the clock changed."""
    if last is None or last.time > now:
        return timedelta(0)
    return max(timedelta(0), last.time + every - now)


def superseded(backups: Sequence[KeptBackup], new: KeptBackup, keep: int) -> list[KeptBackup]:
    """Return the backups that aren't among the newest `keep`, oldest first.

    Backups of the future are neither counted nor returned: if the clock was wrong when they were
    made, or is wrong now, the wrong ones would be deleted.
    """
    known = sorted(backup for backup in backups if backup.time <= new.time and backup != new)
    return known[: max(0, len(known) - (keep - 1))]


class BackupFolder:
    """The backups of one store in a folder.

    Args:
        plan: What to back up, and where to.
    """

    def __init__(self, plan: BackupPlan) -> None:
        self._plan = plan
        self._folder = plan.folder

    @cached_property
    def _name(self) -> str:
        """What the names of the store's backups begin with. The first use reads the store."""
        from memoryos_server.stores.factory import read_store_id

        return store_name(self._plan.place, read_store_id(self._plan.place))

    def check(self) -> None:
        """Check that backups can be written here.

        Raises:
            UsageError: The folder is missing, is no folder, or can't be written.
        """
        try:
            mode = self._folder.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError(
                f"there is no folder {self._folder} for backups; create it first"
            ) from None
        except OSError as error:
            raise UsageError(f"{self._folder}: {error.strerror}") from error
        if not stat.S_ISDIR(mode):
            raise UsageError(f"{self._folder} is not a folder; name one for backups")
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise UsageError(f"{self._folder} can't be written; backups need a folder that can be")

    def backups(self) -> list[KeptBackup]:
        """Return the backups of the store that are whole, oldest first.

        Raises:
            BackupError: The store can't be read.
            MissingStoreError: The packages for a PostgreSQL database are not installed.
            OSError: The folder can't be read.
            ServiceError: The PostgreSQL database failed.
        """
        from memoryos_server.stores.sqlite.backup import is_whole

        pattern = re.compile(rf"{re.escape(self._name)}-{_TIME}")
        found = []
        for name, _ in self._files():
            match = pattern.fullmatch(name)
            time = match and _parsed(match[1])
            if time and is_whole(self._folder / name):
                found.append(KeptBackup(time, self._folder / name))
        return sorted(found)

    def make(self, *, lock_timeout: float) -> NewBackup | KeptBackup:
        """Make and check a backup, then delete those that it supersedes.

        Args:
            lock_timeout: How long to wait for another backup of the store, in seconds.

        Returns:
            The backup; the last one if the plan has an interval and none is due.

        Raises:
            BackupError: It can't be made, or an old one can't be deleted.
            MissingStoreError: The packages for a PostgreSQL database are not installed.
            OSError: The folder can't be read.
            ServiceError: The PostgreSQL database failed.
            TransferError: The PostgreSQL database can't be read by this program.
            UsageError: The folder can't be used, or another backup takes too long.
        """
        self.check()
        with self._locked(lock_timeout):
            self._remove_unfinished()
            now = utc_now()
            last = last_backup(self.backups(), now)
            if last and self._plan.every and until_due(last, now, self._plan.every):
                return last
            new = self._free_name(now)
            contents = write_backup(self._plan.place, new.file)
            return NewBackup(*new, contents, self._remove_superseded(new))

    def _free_name(self, now: datetime) -> KeptBackup:
        """Return a name with the current time, or a later one if there were several at once."""
        time = now.replace(microsecond=0)
        latest = last_backup(self.backups(), time + _MAX_LEAD)
        if latest is not None and latest.time >= time:
            time = latest.time + _SECOND
        while os.path.lexists(file := self._folder / f"{self._name}-{time:{_TIME_FORMAT}}.db"):
            time += _SECOND
        return KeptBackup(time, file)

    def _remove_superseded(self, new: KeptBackup) -> list[Path]:
        from memoryos_server.stores.sqlite.backup import BackupError

        old = [backup.file for backup in superseded(self.backups(), new, self._plan.keep)]
        try:
            for file in old:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise BackupError(
                f"{new.file} was written, but {error.filename} can't be deleted: {error.strerror}"
            ) from error
        return old

    def _remove_unfinished(self) -> None:
        """Delete what a killed backup has left, which takes space that the next one may need."""
        name_and_time = rf"{re.escape(self._name)}-{_TIME}"
        backup, unfinished = re.compile(name_and_time), re.compile(rf"\.{name_and_time}\..+")
        for name, size in self._files():
            if unfinished.fullmatch(name) or (backup.fullmatch(name) and not size):
                with suppress(OSError):
                    (self._folder / name).unlink()

    def _files(self) -> list[tuple[str, int]]:
        """Return the names and sizes of the regular files, not those of symbolic links."""
        with os.scandir(self._folder) as entries:
            return [
                (entry.name, entry.stat(follow_symlinks=False).st_size)
                for entry in entries
                if entry.is_file(follow_symlinks=False)
            ]

    @contextmanager
    def _locked(self, timeout: float) -> Iterator[None]:
        """Let no other process back up the store to this folder within the block.

        With a lock of SQLite, which works on every system and ends with the process.
        """
        file = self._folder / f".{self._name}.lock"
        with ExitStack() as held:
            try:
                file.touch(mode=0o600)  # a user who can read it could hold the lock
                lock = sqlite3.connect(file, timeout=timeout, isolation_level=None)
                held.enter_context(closing(lock)).execute("BEGIN EXCLUSIVE")
            except (OSError, sqlite3.OperationalError) as error:
                raise UsageError(
                    f"{self._folder}: another backup of the same store is being written there"
                    if "locked" in str(error)
                    else f"{file} can't be written: {error}"
                ) from error
            yield


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=timezone.utc)
    except ValueError:  # such as of the 31st of February
        return None
