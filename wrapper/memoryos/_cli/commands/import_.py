"""`memoryos import`: store the memories of an export file."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Generator

from memoryos._bulk import import_plan
from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.exit_statuses import FAILED
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import number, one_line
from memoryos._cli.standard_input import STDIN
from memoryos._cli.temporary_path import temporary_path
from memoryos.exceptions import ValidationError

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._bulk.import_plan import ImportReport
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos import --dry-run memories.jsonl
memoryos import memories.jsonl --on-conflict update
gunzip -c memories.jsonl.gz | memoryos import -
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `import`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "file", metavar="FILE", help="export file to read; - reads it from standard input"
    )
    parser.add_argument(
        "--on-conflict",
        choices=import_plan.CONFLICT_CHOICES,
        default="skip",
        help="what to do with a memory that already exists: skip it, update it from the file, "
        "store a duplicate, or reject the whole file (default: %(default)s)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be done, without storing anything"
    )
    arguments.add_json(parser, "the number of created, updated and skipped memories as JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Import memories. Return the exit status."""
    return run_command("import", options, _import, may_create=True)


def _import(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    try:
        with _file(options.file) as file, console.progress("Importing") as progress:
            report = client.memories.import_(
                file,
                on_conflict=options.on_conflict,
                dry_run=options.dry_run,
                on_progress=progress.update,
            )
    except ValidationError as error:
        if error.attempts or error.details.get("argument") != "path":
            raise
        # The file is invalid, not the options.
        console.error(f"memoryos import: {one_line(str(error.message))}")
        return FAILED
    except KeyboardInterrupt:
        console.error(
            "stopped; to continue without duplicates, run the command again within 24 hours"
        )
        raise
    if options.json:
        print_json(asdict(report))
    else:
        console.line(_summary(report))
    return 0


@contextmanager
def _file(given: str) -> Generator[Path, None, None]:
    """Yield the file to read. Standard input is copied to a temporary file."""
    if given != STDIN:
        yield Path(given).expanduser()
        return
    with temporary_path("standard-input") as copy:
        with copy.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield copy


def _summary(report: ImportReport) -> str:
    would = "Would be " if report.dry_run else ""
    return (
        f"{would}{number(report.created)} created, {number(report.updated)} updated, "
        f"{number(report.skipped)} skipped"
    )
