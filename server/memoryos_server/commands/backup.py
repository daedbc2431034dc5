"""`memoryos backup`: copy a local Memory OS while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .exit_statuses import FAILED
from .store_options import IN_MEMORY, data_path

if TYPE_CHECKING:
    import argparse

    from .output import Output

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `backup`."""
    parser.add_argument("file", metavar="FILE", help="the file to write")
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="the file that holds the memories, as in `memoryos serve`; it may be in use",
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")


def run(options: argparse.Namespace, output: Output) -> int:
    """Write and verify the copy, and return the exit status."""
    from memoryos_server.stores.sqlite.backup import BackupError, back_up

    if IN_MEMORY in (options.data, options.file):
        output.error(f"memoryos backup: {IN_MEMORY} is lost when the process ends; name a file")
        return FAILED
    data = Path(data_path(options.data))
    target = Path(options.file).expanduser()
    try:
        made = back_up(data, target, force=options.force)
    except BackupError as error:
        output.error(f"memoryos backup: {error}")
        return FAILED
    output.line(f"{target}: {made.memories} memories, {made.keys} keys, {made.size} bytes, checked")
    return 0
