"""`memoryos list`: show what is remembered, newest first."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any, Iterator, List

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.list_page import show_page
from memoryos._cli.output.console import print_json
from memoryos._cli.output.tables import memories

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_LARGEST_PAGE = 100
_EXAMPLES = """
memoryos list
memoryos list --tier long --min-relevance 0.5 --limit 10
memoryos list --all --json | jq -r .content
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `list`."""
    arguments.describe(parser, _EXAMPLES)
    arguments.add_filters(parser)
    parser.add_argument(
        "--min-relevance",
        type=arguments.fraction,
        metavar="0..1",
        help="only memories that are at least this relevant now",
    )
    arguments.add_page(parser, "memories")
    parser.add_argument("--all", action="store_true", help="show all of them, page after page")
    output = parser.add_mutually_exclusive_group()
    arguments.add_json(output, "each memory as JSON, one a line")
    output.add_argument("-q", "--quiet", action="store_true", help="print the ids only")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Show the memories, and return the exit status."""
    return run_command("list", options, _list)


def _list(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    if options.all and options.offset:
        raise InputError("--all and --offset exclude each other")
    filters = {
        "tier": options.tier,
        "content_type": options.type,
        "memory_nature": options.nature,
        "min_relevance": options.min_relevance,
    }
    if not options.all and options.limit <= _LARGEST_PAGE:
        page = client.memories.list(options.limit, options.offset, **filters)
        listing = memories(page["data"], datetime.now(timezone.utc))
        show_page(page, listing, "memories", console, options)
        return 0
    everything: Iterator[Any] = client.memories.iterate(**filters)
    last = None if options.all else options.offset + options.limit
    _show(islice(everything, options.offset, last), console, options)
    return 0


def _show(found: Iterator[Any], console: Console, options: argparse.Namespace) -> None:
    """Show memories of several pages; programs get each as it comes."""
    if options.json or options.quiet:
        for memory in found:
            print_json(memory) if options.json else print(memory["id"])
        return
    with console.progress("Getting") as progress:
        listed: List[Any] = []
        for memory in found:
            listed.append(memory)
            progress.update(len(listed))
    if listed:
        console.listing(memories(listed, datetime.now(timezone.utc)))
    else:
        console.note("No memories.")
