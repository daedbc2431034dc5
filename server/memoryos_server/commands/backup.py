"""`memoryos backup`: a copy of a local Memory OS, made while it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos._extras import missing_extra, require_python

if TYPE_CHECKING:
    import argparse

__all__ = ["configure", "run"]

_FEATURE = "memoryos backup"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `backup`."""
    require_python(_FEATURE)
    parser.add_argument("file", metavar="FILE", help="the file to make")
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="the file that holds the memories, as in `memoryos serve`; it may be in use",
    )
    parser.add_argument("--force", action="store_true", help="replace FILE where it exists")


def run(options: argparse.Namespace) -> int:
    """Make the copy and check it, and return the exit status."""
    try:
        from memoryos_server.stores.data_path import data_path
        from memoryos_server.stores.sqlite.backup import BackupError, back_up
    except ImportError as error:
        raise missing_extra("local", _FEATURE, error) from error
    data = Path(data_path(options.data))
    target = Path(options.file).expanduser()
    try:
        made = back_up(data, target, force=options.force)
    except BackupError as error:
        print(f"{_FEATURE}: {error}", file=sys.stderr)
        return 1
    print(f"{target}: {made.memories} memories, {made.keys} keys, {made.size} bytes, checked")
    return 0
