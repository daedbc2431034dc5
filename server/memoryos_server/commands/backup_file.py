"""One backup of a store: a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memoryos_server.stores.database_url import is_address

from .formatting import plural
from .migrate import copy_records
from .output import PlainOutput
from .store_options import shown_place

if TYPE_CHECKING:
    from memoryos_server.stores.sqlite.backup import Backup

__all__ = ["describe_backup", "write_backup"]


def write_backup(place: str, file: Path, *, force: bool = False) -> Backup:
    """Copy a store to one file, and check the copy.

    Args:
        place: The path of the database, or the URL of the PostgreSQL database.
        file: The file to write.
        force: Whether an existing file may be replaced.

    Raises:
        BackupError: The copy can't be made.
        MissingStoreError: The packages for a PostgreSQL database are not installed.
        ServiceError: The PostgreSQL database failed.
        TransferError: The PostgreSQL database can't be read by this program.
    """
    from memoryos_server.stores.sqlite.backup import back_up, back_up_store

    if not is_address(place):
        return back_up(Path(place), file, force=force)
    return back_up_store(
        lambda copy: copy_records(place, str(copy), PlainOutput(), quiet=True),
        shown_place(place),
        file,
        force=force,
    )


def describe_backup(file: Path, made: Backup) -> str:
    """Return a line about a new backup."""
    counts = (
        plural(made.memories, "memory", "memories"),
        plural(made.keys, "key"),
        plural(made.size, "byte"),
    )
    return f"{file}: {', '.join(counts)}, checked"
