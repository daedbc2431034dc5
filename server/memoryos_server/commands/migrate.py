"""`memoryos migrate`: copy all data of a Memory OS to another file or database."""

from __future__ import annotations

import argparse
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from memoryos_server.model.errors import ServiceError

from .errors import UsageError
from .exit_statuses import FAILED, USAGE_ERROR
from .formatting import one_line
from .store_options import existing_place, new_place, shown_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from memoryos_server.stores.transfer import Progress, Result

    from .output import Output

__all__ = ["configure", "copy_records", "run"]

_EPILOG = """examples:
  memoryos migrate --from memories.db --to postgresql://memoryos@db.example.com/memoryos
  memoryos migrate --from postgresql://memoryos@db.example.com/memoryos --to memories.db

The copy is of the moment at which the command starts; servers can go on using the source. Nothing
is embedded again. If the command is interrupted, run it again to continue. Before it ends, it
compares both sides; until then, no program opens the copy."""

SECONDS_BETWEEN_REPORTS = 2.0
"""The least time between two lines about the progress."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `migrate`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="PLACE",
        help="the file or the URL of the PostgreSQL database to copy; it is only read",
    )
    parser.add_argument(
        "--to",
        dest="target",
        required=True,
        metavar="PLACE",
        help="the new file, or the URL of the empty PostgreSQL database, to copy to",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace, output: Output) -> int:
    """Copy and compare all records, show the result, and return the exit status."""
    from memoryos_server.stores.factory import MissingStoreError
    from memoryos_server.stores.transfer import TransferError

    try:
        source = existing_place("--from", options.source)
        target = new_place("--to", options.target)
        result = copy_records(source, target, output, quiet=options.quiet)
    except UsageError as error:
        output.error(f"memoryos migrate: {one_line(str(error))}")
        return USAGE_ERROR
    except (MissingStoreError, ServiceError, TransferError) as error:
        output.error(f"memoryos migrate: {one_line(str(error))}")
        return FAILED
    _show(result, source, target, output, as_json=options.json)
    return 0


def copy_records(source: str, target: str, output: Output, *, quiet: bool) -> Result:
    """Copy all records of the store at `source` to the one at `target`, and compare both.

    Args:
        source: a file, or the URL of a database.
        target: a file that may be new, or the URL of a database that may be empty.
        output: where the progress is shown.
        quiet: whether to show none.

    Raises:
        MissingStoreError: the packages for a PostgreSQL database are not installed.
        ServiceError: a store failed.
        TransferError: the target can't be filled, or it differs from the source in the end.
    """
    from memoryos_server.stores.factory import open_transfer_source, open_transfer_target
    from memoryos_server.stores.transfer import transfer

    report: Callable[[Progress], object] = (lambda _: None) if quiet else _ProgressLines(output)
    now = datetime.now(timezone.utc)
    with (
        open_transfer_source(source, now) as opened,
        open_transfer_target(target) as filled,
    ):
        return transfer(opened, filled, report)


class _ProgressLines:
    """Writes a line about the progress to a terminal, at most every two seconds."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._next = time.monotonic() + SECONDS_BETWEEN_REPORTS

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() >= self._next:
            self._output.note(_described(progress))
            self._next = time.monotonic() + SECONDS_BETWEEN_REPORTS


def _described(progress: Progress) -> str:
    of_owner, of_all = ("{:,} of {:,}".format(*pair) for pair in progress[1:3])
    done, count = progress.owners
    return (
        f"{of_all} memories; owner {done + 1:,} of {count:,}, {one_line(progress.owner)}: "
        f"{of_owner} memories"
    )


def _show(result: Result, source: str, target: str, output: Output, *, as_json: bool) -> None:
    if as_json:
        counts = {label.replace(" ", "_"): count for label, count in result.counts.items()}
        places = {"from": shown_place(source), "to": shown_place(target)}
        output.json({**places, "written_memories": result.written, **counts})
        return
    width = max(len(f"{count:,}") for count in result.counts.values())
    for label, count in result.counts.items():
        output.line(f"{count:{width},} {label}")
    earlier = result.counts["memories"] - result.written
    kept = f" ({earlier:,} of them by an earlier run)" if earlier else ""
    output.line(
        f"{shown_place(target)} has the same records as {shown_place(source)}{kept}", "good"
    )
