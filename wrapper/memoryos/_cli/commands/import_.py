"""`memoryos import`: the memories of a file that `memoryos export` wrote."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Generator

from memoryos._bulk import export_file
from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import FAILED
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import number, one_line
from memoryos._cli.standard_input import STDIN
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
        "file", metavar="FILE", help="the file to read; - reads it from standard input"
    )
    parser.add_argument(
        "--on-conflict",
        choices=import_plan.CONFLICT_CHOICES,
        default="skip",
        help="what to do with a memory that is there already: leave it, change it to what the file "
        "says, store another one, or refuse the whole file (default: %(default)s)",
    )
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    arguments.add_json(parser, "how many were created, updated and skipped as JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Import, and return the exit status."""
    return run_command("import", options, _import)


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
        # The options are right; it is the file that is not.
        console.error(f"memoryos import: {one_line(str(error.message))}")
        return FAILED
    except KeyboardInterrupt:
        console.error("stopped; the same command goes on, and stores nothing twice (for 24 hours)")
        raise
    if options.json:
        print_json(asdict(report))
    else:
        console.line(_told(report))
    return 0


@contextmanager
def _file(given: str) -> Generator[Path, None, None]:
    """Yield the file to read; standard input is kept in one for a while."""
    if given != STDIN:
        yield Path(given).expanduser()
        return
    with tempfile.TemporaryDirectory(prefix="memoryos-import-") as folder:
        kept = Path(folder, "standard-input")
        with kept.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield kept


def _told(report: ImportReport) -> str:
    would = "Would be " if report.dry_run else ""
    return (
        f"{would}{number(report.created)} created, {number(report.updated)} updated, "
        f"{number(report.skipped)} skipped"
    )
