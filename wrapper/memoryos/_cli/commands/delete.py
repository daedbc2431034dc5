"""`memoryos delete`: delete memories permanently."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Iterable, List, Sequence, Tuple

from memoryos._cli import arguments
from memoryos._cli.batch import for_each
from memoryos._cli.command_runner import run_command
from memoryos._cli.confirmation import add_yes, can_ask, is_confirmed
from memoryos._cli.exit_statuses import FAILED, SUCCESS
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import one_line, plural, truncate
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import STDIN, read_ids
from memoryos._protocol.response_fields import reading

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console
    from memoryos.types import Memory

__all__ = ["configure", "run"]

_COMMAND = "memoryos delete"
# What is shown of the memories before the question.
_MAX_SHOWN, _MAX_TEXT_LENGTH = 10, 200
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
    add_yes(parser)
    arguments.add_json(parser, "each response of the API as one line of JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Delete memories. Return the exit status."""
    return run_command("delete", options, _delete)


def _delete(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    ids: Iterable[str] = read_ids(options.ids)
    missing = SUCCESS
    if not options.yes and STDIN not in options.ids and can_ask():
        found, missing = _find(client, console, ids)
        if not found:
            return missing
        _show(found, console)
        if not is_confirmed(f"Delete {_count(len(found))} permanently?"):
            console.note("Nothing was deleted.")
            return FAILED
        ids = [memory["id"] for memory in found]
    status = _delete_each(client, console, ids, options)
    return min((one for one in (status, missing) if one), default=SUCCESS)


def _find(client: MemoryOS, console: Console, ids: Iterable[str]) -> Tuple[List[Memory], int]:
    """Return the memories that exist, and the exit status for the ids that were reported."""
    found: List[Memory] = []
    status = for_each(
        dict.fromkeys(ids),
        lambda memory_id: found.append(client.memories.get(memory_id, uncounted=True)),
        console,
        _COMMAND,
    )
    return found, status


def _show(found: Sequence[Memory], console: Console) -> None:
    """Show on the terminal which memories are meant: a line for each."""
    width = shutil.get_terminal_size().columns
    with reading("a memory"):
        for memory in found[:_MAX_SHOWN]:
            text = truncate(one_line(memory["content"]), _MAX_TEXT_LENGTH)
            console.note(truncate(f"{one_line(memory['id'])}  {text}", width))
    if len(found) > _MAX_SHOWN:
        console.note(f"and {_count(len(found) - _MAX_SHOWN)} more")


def _delete_each(
    client: MemoryOS, console: Console, ids: Iterable[str], options: argparse.Namespace
) -> int:
    deleted = 0
    with console.progress("Deleting") as progress:

        def delete(memory_id: str) -> None:
            nonlocal deleted
            response = client.memories.delete(memory_id)
            deleted += 1
            progress.update(deleted)
            if options.json:
                print_json(response)

        status = for_each(ids, delete, console, _COMMAND)
    if not options.json:
        console.line(f"{_count(deleted)} deleted")
    return status


def _count(number: int) -> str:
    return plural(number, "memory", "memories")
