"""`memoryos get`: show memories by their ids, or the newest one with an external id."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.batch import for_each
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.exit_statuses import NOT_FOUND, SUCCESS
from memoryos._cli.output.console import print_json
from memoryos._cli.output.tables import memory_card
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import read_ids

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console
    from memoryos.types import Memory

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos get 550e8400-e29b-41d4-a716-446655440000
memoryos get --json 550e8400-e29b-41d4-a716-446655440000 | jq .metadata
memoryos get --external-id note-4711
memoryos search -q "travel plans" | memoryos get -
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `get`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "ids", nargs="*", metavar="ID", help="id of a memory; - reads ids from standard input"
    )
    parser.add_argument(
        "--external-id",
        metavar="TEXT",
        help="the newest memory with this id of yours, instead of ID; this counts as no access",
    )
    arguments.add_json(parser, "each memory as one line of JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Show memories by id. Return the exit status."""
    return run_command("get", options, _get)


def _get(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    if bool(options.ids) == (options.external_id is not None):
        raise InputError("pass either ID or --external-id")
    if options.external_id is None:
        return for_each(
            read_ids(options.ids),
            lambda memory_id: _show(client.memories.get(memory_id), console, options),
            console,
            "memoryos get",
        )
    memory = client.memories.find(external_id=options.external_id)
    if memory is None:
        console.error("memoryos get: no memory has this external id")
        return NOT_FOUND
    _show(memory, console, options)
    return SUCCESS


def _show(memory: Memory, console: Console, options: argparse.Namespace) -> None:
    if options.json:
        print_json(memory)
    else:
        console.card(memory_card(memory, datetime.now(timezone.utc)))
