"""`memoryos backup`: copy a Memory OS to one file while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ServiceError

from .errors import UsageError
from .exit_statuses import FAILED
from .formatting import one_line, plural
from .migrate import copy_records
from .store_options import IN_MEMORY, add_store_options, shown_place, store_place

if TYPE_CHECKING:
    import argparse

    from memoryos_server.stores.sqlite.backup import Backup

    from .output import Output

__all__ = ["configure", "run"]

_STANDARD_OUTPUT = "-"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `backup`."""
    parser.add_argument("file", metavar="FILE", help="the file to write")
    add_store_options(parser)
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")


def run(options: argparse.Namespace, output: Output) -> int:
    """Write and verify the copy, and return the exit status."""
    from memoryos_server.stores.factory import MissingStoreError
    from memoryos_server.stores.sqlite.backup import BackupError
    from memoryos_server.stores.transfer import TransferError

    target = Path(options.file).expanduser()
    try:
        _check_file(options.file)
        made = _back_up(options, target, output)
    except (BackupError, MissingStoreError, ServiceError, TransferError, UsageError) as error:
        output.error(f"memoryos backup: {one_line(str(error))}")
        return FAILED
    counts = (
        plural(made.memories, "memory", "memories"),
        plural(made.keys, "key"),
        plural(made.size, "byte"),
    )
    output.line(f"{target}: {', '.join(counts)}, checked")
    return 0


def _back_up(options: argparse.Namespace, target: Path, output: Output) -> Backup:
    from memoryos_server.stores.sqlite.backup import back_up, back_up_store

    place = store_place(options)
    if not options.store:
        return back_up(Path(place), target, force=options.force)
    return back_up_store(
        lambda file: copy_records(place, str(file), output, quiet=True),
        shown_place(place),
        target,
        force=options.force,
    )


def _check_file(file: str) -> None:
    if not file:
        raise UsageError("FILE must not be empty")
    if file == _STANDARD_OUTPUT:
        raise UsageError("FILE needs the name of a file; - is standard output")
    if file == IN_MEMORY:
        raise UsageError(f"FILE: {IN_MEMORY} is lost when the process ends; name a file")
