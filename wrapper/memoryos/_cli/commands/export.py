"""`memoryos export`: write all memories to a file."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.file_names import expand_user
from memoryos._cli.filter_options import add_filters, filters_of
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import plural
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import STDIN as STDOUT
from memoryos._cli.temporary_path import temporary_path
from memoryos._protocol.response_fields import reading

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos export memories.jsonl
memoryos export --user ada ada.jsonl
memoryos export --tier long - | gzip > memories.jsonl.gz
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "file",
        metavar="FILE",
        help="file to write, as JSON Lines with checksums; - writes to standard output",
    )
    add_filters(parser)
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    arguments.add_json(parser, "the number of exported memories as JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Export memories. Return the exit status."""
    return run_command("export", options, _export)


def _export(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    target = Path(expand_user(options.file))
    if options.file == STDOUT or _is_stdout(target):
        if options.json:
            raise InputError(
                f"--json can't be combined with {options.file}: both use standard output"
            )
        _to_stdout(client, console, options)
        return 0
    if _can_be_overwritten(target) and not options.force:
        raise InputError(f"{target} exists; use --force to replace it")
    count = _to_file(client, console, options, target)
    if options.json:
        print_json({"exported": count, "file": str(target)})
    else:
        console.line(f"{plural(count, 'memory', 'memories')} written to {target}")
    return 0


def _is_stdout(target: Path) -> bool:
    """Return whether a path leads to standard output, such as /dev/stdout."""
    try:
        return os.path.samestat(target.stat(), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):  # there is no such file, or standard output is none
        return False


def _can_be_overwritten(target: Path) -> bool:
    """Return whether writing to a path destroys something: not in a named pipe or /dev/null."""
    return target.is_file() or target.is_block_device()


def _to_stdout(client: MemoryOS, console: Console, options: argparse.Namespace) -> None:
    """Write the export to standard output when it is complete."""
    with temporary_path("memories.jsonl") as file:
        count = _to_file(client, console, options, file)
        with file.open("rb") as written:
            shutil.copyfileobj(written, sys.stdout.buffer)
    console.note(f"{plural(count, 'memory', 'memories')} written")


def _to_file(client: MemoryOS, console: Console, options: argparse.Namespace, target: Path) -> int:
    filters = filters_of(options)
    page = client.memories.list(limit=1, **filters)
    with reading("the meta of the page"):
        total = int(page["meta"]["total"])
    with console.progress("Exporting", total) as progress:
        return client.memories.export(target, **filters, on_progress=progress.update)
