"""`memoryos backup`: copy a local Memory OS while it runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import UsageError
from .exit_statuses import FAILED
from .formatting import plural
from .store_options import IN_MEMORY, NoStoreOption, data_file, is_existing
from .suggestions import missing_file

if TYPE_CHECKING:
    from .output import Output

__all__ = ["configure", "run"]

_STANDARD_OUTPUT = "-"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `backup`."""
    parser.add_argument("file", metavar="FILE", help="the file to write")
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="the file that holds the memories, as in `memoryos serve`; it may be in use",
    )
    parser.add_argument("--store", action=NoStoreOption, help=argparse.SUPPRESS)
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")


def run(options: argparse.Namespace, output: Output) -> int:
    """Write and verify the copy, and return the exit status."""
    from memoryos_server.stores.sqlite.backup import BackupError, back_up

    target = Path(options.file).expanduser()
    try:
        _check_names(options)
        made = back_up(_source(options.data), target, force=options.force)
    except (BackupError, UsageError) as error:
        output.error(f"memoryos backup: {error}")
        return FAILED
    counts = (
        plural(made.memories, "memory", "memories"),
        plural(made.keys, "key"),
        plural(made.size, "byte"),
    )
    output.line(f"{target}: {', '.join(counts)}, checked")
    return 0


def _source(given: str | None) -> Path:
    file = data_file(given)
    if not is_existing(file):
        raise UsageError(missing_file(file))
    return Path(file)


def _check_names(options: argparse.Namespace) -> None:
    if not options.file:
        raise UsageError("FILE must not be empty")
    if options.file == _STANDARD_OUTPUT:
        raise UsageError("FILE needs the name of a file; - is standard output")
    for name, value in (("--data", options.data), ("FILE", options.file)):
        if value == IN_MEMORY:
            raise UsageError(f"{name}: {IN_MEMORY} is lost when the process ends; name a file")
