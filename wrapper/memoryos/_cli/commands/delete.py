"""`memoryos delete`: delete memories permanently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable

from memoryos._cli import arguments
from memoryos._cli.batch import for_each
from memoryos._cli.command_runner import run_command
from memoryos._cli.confirmation import is_confirmed
from memoryos._cli.exit_statuses import FAILED
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import plural
from memoryos._cli.standard_input import STDIN, read_ids

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos delete 550e8400-e29b-41d4-a716-446655440000
memoryos list -q --tier short --all | memoryos delete -
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `delete`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "ids", nargs="+", metavar="ID", help="id of a memory; - reads ids from standard input"
    )
    parser.add_argument(
        "-y", "--yes", action="store_true", help="don't ask for confirmation; only a terminal asks"
    )
    arguments.add_json(parser, "each response of the API as one line of JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Delete memories. Return the exit status."""
    return run_command("delete", options, _delete)


def _delete(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    ids: Iterable[str] = read_ids(options.ids)
    if not (options.yes or _is_confirmed(options.ids)):
        console.note("Nothing was deleted.")
        return FAILED
    deleted = 0
    with console.progress("Deleting") as progress:

        def delete(memory_id: str) -> None:
            nonlocal deleted
            response = client.memories.delete(memory_id)
            deleted += 1
            progress.update(deleted)
            if options.json:
                print_json(response)

        status = for_each(ids, delete, console, "memoryos delete")
    if not options.json:
        console.line(f"{plural(deleted, 'memory', 'memories')} deleted")
    return status


def _is_confirmed(ids: Iterable[str]) -> bool:
    """Ask for confirmation, unless the ids come from standard input."""
    given = list(ids)
    question = f"Delete {plural(len(given), 'memory', 'memories')} permanently?"
    return STDIN in given or is_confirmed(question)
