"""`memoryos import`: store the memories of an export file."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generator, Mapping, Optional, Union

from memoryos._bulk import import_plan
from memoryos._cli import arguments
from memoryos._cli.command_runner import MissingFile, run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.exit_statuses import FAILED
from memoryos._cli.file_names import expand_user
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import number, one_line, plural
from memoryos._cli.standard_input import STDIN
from memoryos._cli.temporary_path import temporary_path
from memoryos.exceptions import MemoryOSError, ValidationError

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._bulk.import_report import ImportReport
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos import --dry-run memories.jsonl
memoryos import memories.jsonl --on-conflict update
memoryos import memories.jsonl --rejects rejects.jsonl
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
        "--on-error",
        choices=import_plan.ERROR_CHOICES,
        help="what to do with a memory that can't be imported: stop, before anything is stored "
        "where possible, or reject it and import the others (default: stop, or reject with "
        "--rejects)",
    )
    parser.add_argument(
        "--rejects",
        metavar="FILE",
        help="write the rejected lines to this new file; correct them and import it",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be done, without storing anything"
    )
    parser.add_argument(
        "--without-dates",
        action="store_true",
        help="create memories with new times and counts, and keep the time of creation in their "
        "metadata, for a service or a key that can't set it",
    )
    arguments.add_json(parser, "the counts, and the rejected lines with their problems, as JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Import memories. Return the exit status."""
    missing_file = MissingFile.IN_MEMORY if options.dry_run else MissingFile.CREATE
    return run_command("import", options, _import, missing_file=missing_file)


def _import(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    rejects = _rejects_file(options)
    try:
        with _file(options.file) as file, console.progress("Importing") as progress:
            report = client.memories.import_(
                file,
                on_conflict=options.on_conflict,
                on_error=options.on_error or ("reject" if rejects else "stop"),
                rejects=rejects,
                dry_run=options.dry_run,
                without_dates=options.without_dates,
                on_progress=progress.update,
            )
    except ValidationError as error:
        if error.details.get("argument") != "path":
            raise
        # The file is invalid, not the options.
        console.error(f"memoryos import: {one_line(str(error.message))}")
        return FAILED
    except MemoryOSError as error:
        if "created" in error.details:
            console.error(_how_to_continue(options, error.details))
        raise
    except KeyboardInterrupt:
        console.error(_how_to_continue(options, {}))
        raise
    return _show(report, console, options)


def _rejects_file(options: argparse.Namespace) -> Optional[str]:
    """Return the file for rejected lines, or None.

    Raises:
        InputError: The options contradict each other, or the file exists.
    """
    if options.rejects is None:
        return None
    if options.on_error == "stop":
        raise InputError("--rejects can't be combined with --on-error stop")
    if options.rejects == STDIN:
        raise InputError("--rejects needs the name of a file; - is standard input")
    rejects = expand_user(str(options.rejects))
    if Path(rejects).is_file() and not options.dry_run:
        raise InputError(f"{rejects} exists; choose another file for --rejects")
    return rejects


@contextmanager
def _file(given: str) -> Generator[Union[str, Path], None, None]:
    """Yield the file to read. Standard input is copied to a temporary file."""
    if given != STDIN:
        yield expand_user(given)
        return
    with temporary_path("standard-input") as copy:
        with copy.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield copy


def _how_to_continue(options: argparse.Namespace, done: Mapping[str, Any]) -> str:
    counts = f" after {_counts(done)}" if done else ""
    if options.on_conflict == "duplicate":
        return f"stopped{counts}; the command stores these again if you run it again"
    return f"stopped{counts}; to continue without duplicates, run the command again"


def _show(report: ImportReport, console: Console, options: argparse.Namespace) -> int:
    """Print the report, and the problem of each rejected line. Return the exit status."""
    for line in report.rejected_lines:
        console.error(f"line {line.line}: {one_line(line.message)}")
    if options.json:
        print_json(asdict(report))
    else:
        would = "Would be " if report.dry_run else ""
        counts = _counts(asdict(report))
        rejected = f", {number(report.rejected)} rejected" if report.rejected else ""
        console.line(f"{would}{counts}{rejected}")
    if report.rejected and options.rejects is not None and not report.dry_run:
        lines = plural(report.rejected, "rejected line")
        console.error(f"{lines} written to {options.rejects}; correct and import that file")
    return FAILED if report.rejected else 0


def _counts(counts: Mapping[str, Any]) -> str:
    names = ("created", "updated", "skipped")
    return ", ".join(f"{number(counts[name])} {name}" for name in names)
