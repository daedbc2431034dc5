"""`memoryos get`: show memories."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.batch import for_each
from memoryos._cli.command_runner import run_command
from memoryos._cli.output.console import print_json
from memoryos._cli.output.tables import memory_card
from memoryos._cli.standard_input import read_ids

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos get 550e8400-e29b-41d4-a716-446655440000
memoryos get --json 550e8400-e29b-41d4-a716-446655440000 | jq .metadata
memoryos search -q "travel plans" | memoryos get -
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `get`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "ids", nargs="+", metavar="ID", help="id of a memory; - reads ids from standard input"
    )
    arguments.add_json(parser, "each memory as one line of JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Show memories by id. Return the exit status."""
    return run_command("get", options, _get)


def _get(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    def show(memory_id: str) -> None:
        memory = client.memories.get(memory_id)
        if options.json:
            print_json(memory)
        else:
            console.card(memory_card(memory, datetime.now(timezone.utc)))

    return for_each(read_ids(options.ids), show, console, "memoryos get")
