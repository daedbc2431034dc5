"""`memoryos export`: write all memories to a file."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import plural
from memoryos._cli.standard_input import STDIN as STDOUT

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos export memories.jsonl
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
    arguments.add_filters(parser)
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    arguments.add_json(parser, "the number of exported memories as JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Export memories. Return the exit status."""
    return run_command("export", options, _export)


def _export(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    if options.file == STDOUT:
        if options.json:
            raise InputError("--json can't be combined with -: both use standard output")
        _to_stdout(client, console, options)
        return 0
    target = Path(options.file).expanduser()
    if target.exists() and not options.force:
        raise InputError(f"{target} exists; use --force to replace it")
    count = _to_file(client, console, options, target)
    if options.json:
        print_json({"exported": count, "file": str(target)})
    else:
        console.line(f"{plural(count, 'memory', 'memories')} written to {target}")
    return 0


def _to_stdout(client: MemoryOS, console: Console, options: argparse.Namespace) -> None:
    """Write the export to standard output when it is complete."""
    with tempfile.TemporaryDirectory(prefix="memoryos-export-") as folder:
        file = Path(folder, "memories.jsonl")
        count = _to_file(client, console, options, file)
        with file.open("rb") as written:
            shutil.copyfileobj(written, sys.stdout.buffer)
    console.note(f"{plural(count, 'memory', 'memories')} written")


def _to_file(client: MemoryOS, console: Console, options: argparse.Namespace, target: Path) -> int:
    filters = {
        "tier": options.tier,
        "content_type": options.type,
        "memory_nature": options.nature,
    }
    total = client.memories.list(limit=1, **filters)["meta"]["total"]
    with console.progress("Exporting", total) as progress:
        return client.memories.export(target, **filters, on_progress=progress.update)
