"""`memoryos tags`: list tags."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.list_page import show_page
from memoryos._cli.output.tables import tags

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos tags
memoryos tags --sort memory_count --order desc --limit 10
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tags`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument("--search", metavar="TEXT", help="only tags whose name contains TEXT")
    parser.add_argument(
        "--sort",
        choices=arguments.TAG_SORTS,
        default="name",
        help="sort key (default: %(default)s)",
    )
    parser.add_argument(
        "--order",
        choices=arguments.SORT_ORDERS,
        default="asc",
        help="sort order (default: %(default)s)",
    )
    arguments.add_page(parser, "tags", operation="list_tags")
    arguments.add_json(parser, "each tag as one line of JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """List tags. Return the exit status."""
    return run_command("tags", options, _tags)


def _tags(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    page = client.tags.list(
        options.limit,
        options.offset,
        search=options.search,
        sort=options.sort,
        order=options.order,
    )
    listing = tags(page["data"], datetime.now(timezone.utc))
    show_page(page, listing, "tags", console, options)
    return 0
