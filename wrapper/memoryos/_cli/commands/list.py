"""`memoryos list`: list memories, newest first."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any, Iterator, List

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.filter_options import add_filters, filters_of
from memoryos._cli.list_page import show_page
from memoryos._cli.output.console import print_id, print_json
from memoryos._cli.output.tables import memories
from memoryos._cli.scope_options import add_scope_options
from memoryos._protocol.pagination import MAX_PAGE_SIZE

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos list
memoryos list --tier long --min-relevance 0.5 --limit 10
memoryos list --user ada --meta topic=coffee
memoryos list --all --json | jq -r .content
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `list`."""
    arguments.describe(parser, _EXAMPLES)
    add_filters(parser)
    parser.add_argument(
        "--min-relevance",
        type=arguments.fraction,
        metavar="0..1",
        help="only memories with at least this current relevance",
    )
    arguments.add_page(parser, "memories", operation="list_memories")
    parser.add_argument("--all", action="store_true", help="list all memories, page by page")
    output = parser.add_mutually_exclusive_group()
    arguments.add_json(output, "each memory as one line of JSON")
    output.add_argument("-q", "--quiet", action="store_true", help="print only the ids")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """List memories. Return the exit status."""
    return run_command("list", options, _list)


def _list(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    if options.all and options.offset:
        raise InputError("--all can't be combined with --offset")
    filters = {**filters_of(options), "min_relevance": options.min_relevance}
    if not options.all and options.limit <= MAX_PAGE_SIZE:
        page = client.memories.list(options.limit, options.offset, **filters)
        listing = memories(page["data"], datetime.now(timezone.utc))
        show_page(page, listing, "memories", console, options)
        return 0
    all_memories: Iterator[Any] = client.memories.iterate(**filters)
    last = None if options.all else options.offset + options.limit
    _show(islice(all_memories, options.offset, last), console, options)
    return 0


def _show(found: Iterator[Any], console: Console, options: argparse.Namespace) -> None:
    """Print memories of several pages. JSON and ids are printed as they arrive."""
    if options.json or options.quiet:
        for memory in found:
            print_json(memory) if options.json else print_id(memory)
        return
    with console.progress("Reading memories") as progress:
        listed: List[Any] = []
        for memory in found:
            listed.append(memory)
            progress.update(len(listed))
    if listed:
        console.listing(memories(listed, datetime.now(timezone.utc)))
    else:
        console.note("No memories.")
