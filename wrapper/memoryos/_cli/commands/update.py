"""`memoryos update`: change a memory."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.output.console import print_json
from memoryos._cli.output.tables import memory_card
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import read_text

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos update 550e8400-e29b-41d4-a716-446655440000 --tier long --importance 0.9
memoryos update 550e8400-e29b-41d4-a716-446655440000 --content "Ada drinks tea now"
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `update`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument("id", metavar="ID", help="id of the memory")
    parser.add_argument(
        "--content", metavar="TEXT", help="new content; - reads it from standard input"
    )
    parser.add_argument("--tier", choices=arguments.TIERS, help="new tier")
    parser.add_argument(
        "--importance", type=arguments.fraction, metavar="0..1", help="new importance"
    )
    parser.add_argument("--nature", choices=arguments.NATURES, help="new nature")
    parser.add_argument(
        "--metadata",
        type=arguments.json_object,
        metavar="JSON",
        help="new metadata, a JSON object; replaces the old metadata, of which the local Memory OS "
        "keeps the tags and entities that JSON doesn't name",
    )
    parser.add_argument(
        "--tag",
        action="append",
        metavar="NAME",
        help="tag of the memory from now on; repeatable; replaces all others",
    )
    arguments.add_json(parser, "the memory as JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Change a memory. Return the exit status."""
    return run_command("update", options, _update)


def _update(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    fields = {
        "content": options.content,
        "tier": options.tier,
        "importance_score": options.importance,
        "memory_nature": options.nature,
        "metadata": options.metadata,
        "tags": options.tag,
    }
    changes = {name: value for name, value in fields.items() if value is not None}
    if not changes:
        raise InputError(
            "nothing to change: use --content, --tier, --importance, --nature, --metadata or --tag"
        )
    if options.content is not None:
        changes["content"] = read_text(options.content)
    memory = client.memories.update(options.id, **changes)
    if options.json:
        print_json(memory)
    else:
        console.card(memory_card(memory, datetime.now(timezone.utc)))
    return 0
