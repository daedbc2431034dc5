"""`memoryos search`: find memories by what they mean."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.output.console import print_json
from memoryos._cli.output.tables import search_results
from memoryos._cli.standard_input import read_text

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos search "How does Ada take her coffee?"
memoryos search --tag travel --threshold 0.5 "where did we stay"
memoryos search --json "coffee" | jq -r '.content'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `search`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "query", metavar="QUERY", help="what to look for; - reads it from standard input"
    )
    parser.add_argument(
        "--threshold",
        type=arguments.fraction,
        default=0.7,
        metavar="0..1",
        help="the least similarity of a result (default: %(default)s)",
    )
    parser.add_argument(
        "--limit",
        type=arguments.at_least(1),
        default=20,
        metavar="N",
        help="how many results at most, up to 100 (default: %(default)s)",
    )
    arguments.add_filters(parser, content_type=False)
    parser.add_argument(
        "--tag",
        action="append",
        metavar="NAME",
        help="only memories with this tag; repeatable, for all of them",
    )
    parser.add_argument(
        "--entity",
        action="append",
        metavar="ID",
        help="only memories that speak of this entity; repeatable, for all of them",
    )
    output = parser.add_mutually_exclusive_group()
    arguments.add_json(output, "each result as JSON, one a line")
    output.add_argument("-q", "--quiet", action="store_true", help="print the ids only")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Search, and return the exit status."""
    return run_command("search", options, _search)


def _search(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    answer = client.search(
        read_text(options.query),
        threshold=options.threshold,
        limit=options.limit,
        tier=options.tier,
        memory_nature=options.nature,
        tags=options.tag,
        entities=options.entity,
    )
    results = answer["results"]
    if options.json or options.quiet:
        for result in results:
            print_json(result) if options.json else print(result["id"])
    elif results:
        console.listing(search_results(results, datetime.now(timezone.utc)))
    if not results:
        console.note(f"Nothing is that similar; --threshold {options.threshold / 2:.2g} finds more.")
    if answer["search_type"] == "text":
        console.note("Found by words, not by meaning: the service could not do better.")
    return 0
