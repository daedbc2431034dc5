"""`memoryos restore`: put a backup in the place of a file, or into an empty database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ServiceError

from .errors import UsageError
from .exit_statuses import FAILED
from .formatting import one_line, plural
from .migrate import copy_records
from .store_options import (
    DATA_VARIABLE,
    IN_MEMORY,
    STORE_VARIABLE,
    data_file,
    existing_place,
    named_place,
    shown_place,
    store_url,
)

if TYPE_CHECKING:
    import argparse

    from memoryos_server.stores.sqlite.backup import Backup
    from memoryos_server.stores.sqlite.restore import Restoration

    from .output import Output

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `restore`."""
    parser.add_argument("backup", metavar="BACKUP", help="the file that `memoryos backup` wrote")
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data",
        metavar="FILE",
        help="the file that holds the memories, as in `memoryos serve`; stop the server first "
        f"(default: {DATA_VARIABLE})",
    )
    place.add_argument(
        "--store",
        type=store_url,
        metavar="URL",
        help="the empty PostgreSQL database to restore to, as in `memoryos serve` (default: "
        f"{STORE_VARIABLE})",
    )
    parser.add_argument(
        "-y",
        "--yes",
        action="store_true",
        help="replace FILE without asking; needed without a terminal",
    )


def run(options: argparse.Namespace, output: Output) -> int:
    """Check the backup, ask, replace the database, and return the exit status."""
    try:
        options.data, options.store = named_place(options)
    except UsageError as error:
        output.error(f"memoryos restore: {error}")
        return FAILED
    return _restore_to_store(options, output) if options.store else _restore(options, output)


def _restore_to_store(options: argparse.Namespace, output: Output) -> int:
    from memoryos_server.stores.factory import MissingStoreError
    from memoryos_server.stores.transfer import TransferError

    try:
        _check_names(options)
        backup = existing_place("BACKUP", options.backup)
        counts = copy_records(backup, options.store, output, quiet=True).counts
    except (MissingStoreError, ServiceError, TransferError, UsageError) as error:
        output.error(f"memoryos restore: {one_line(str(error))}")
        return FAILED
    memories = plural(counts["memories"], "memory", "memories")
    keys = plural(counts["API keys"], "key")
    output.line(f"{shown_place(options.store)}: {memories} and {keys} restored, checked")
    return 0


def _restore(options: argparse.Namespace, output: Output) -> int:
    from memoryos_server.stores.sqlite.backup import BackupError
    from memoryos_server.stores.sqlite.restore import restore

    try:
        _check_names(options)
        target = Path(data_file(options.data))
        if options.data is None:
            _create_folders(target)
        done = restore(
            Path(options.backup).expanduser(),
            target,
            lambda restoration: _is_confirmed(restoration, target, output, yes=options.yes),
        )
    except (BackupError, UsageError) as error:
        output.error(f"memoryos restore: {error}")
        return FAILED
    if done is None:
        output.error("memoryos restore: cancelled; nothing was changed")
        return FAILED
    output.line(f"{target}: {_described(done.backup)} restored, checked{_replaced(done)}")
    return 0


def _create_folders(target: Path) -> None:
    """Create the user's data folder, which another machine may lack."""
    from memoryos_server.stores.sqlite.opening import create_private_folders

    try:
        create_private_folders(target)
    except OSError as error:
        raise UsageError(f"can't create {target.parent}: {error.strerror}") from error


def _check_names(options: argparse.Namespace) -> None:
    if not options.backup:
        raise UsageError("BACKUP must not be empty")
    for name, value in (("--data", options.data), ("BACKUP", options.backup)):
        if value == IN_MEMORY:
            raise UsageError(f"{name}: {IN_MEMORY} is lost when the process ends; name a file")


def _is_confirmed(restoration: Restoration, target: Path, output: Output, *, yes: bool) -> bool:
    if yes or not restoration.replaces:
        return True
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{target} would be replaced; to do so without a terminal, add --yes")
    return output.confirm(
        f"{target}: replace {_described(restoration.replaced)} "
        f"with {_described(restoration.backup)}?"
    )


def _described(contents: Backup | None) -> str:
    if contents is None:
        return "contents that can't be read"
    memories = plural(contents.memories, "memory", "memories")
    return f"{memories} and {plural(contents.keys, 'key')}"


def _replaced(restoration: Restoration) -> str:
    return f"; {_described(restoration.replaced)} replaced" if restoration.replaces else ""
