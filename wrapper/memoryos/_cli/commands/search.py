"""`memoryos search`: find memories by meaning."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Callable, List

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.filter_options import add_filters, filters_of
from memoryos._cli.output.console import print_id, print_json
from memoryos._cli.output.tables import explained_result, search_results
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import read_text
from memoryos._protocol.long_results import HIGHLIGHT_ARGUMENTS, has_long, with_highlights
from memoryos._protocol.response_fields import reading
from memoryos.exceptions import MemoryOSError

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console
    from memoryos.types import SearchResponse, SearchResult

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos search "How does Ada take her coffee?"
memoryos search --tag travel --threshold 0.5 "where did we stay"
memoryos search --user ada --threshold 0.2 "coffee"
memoryos search --explain --threshold 0 --limit 5 "coffee"
memoryos search --json "coffee" | jq -r '.content'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `search`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "query", metavar="QUERY", help="text to search for; - reads it from standard input"
    )
    parser.add_argument(
        "--threshold",
        type=arguments.fraction,
        default=arguments.default_of("search_memories", "threshold"),
        metavar="0..1",
        help="minimum similarity of a result (default: %(default)s); for a model's prompt, use "
        "`memoryos context`, or 0 with a --limit",
    )
    parser.add_argument(
        "--limit",
        type=arguments.at_least(1),
        default=arguments.default_of("search_memories", "limit"),
        metavar="N",
        help="maximum number of results, up to 100 (default: %(default)s)",
    )
    add_filters(parser, entities=True)
    parser.add_argument(
        "--explain",
        action="store_true",
        help="show the words that matched and what each score is made of; counts no accesses",
    )
    output = parser.add_mutually_exclusive_group()
    arguments.add_json(output, "each result as one line of JSON")
    output.add_argument("-q", "--quiet", action="store_true", help="print only the ids")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Search. Return the exit status."""
    return run_command("search", options, _search)


def _search(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    search: Callable[..., SearchResponse] = partial(
        client.search,
        read_text(options.query),
        threshold=options.threshold,
        limit=options.limit,
        explain=options.explain,
        **filters_of(options),
    )
    response = search()
    with reading("the response"):
        results, search_type = list(response["results"]), response["search_type"]
        if not options.quiet and has_long(results):
            results = _highlighted(results, search)
    if options.json or options.quiet:
        for result in results:
            print_json(result) if options.json else print_id(result)
    elif options.explain:
        for result in results:
            console.card(explained_result(result))
            console.line("")
    elif results:
        console.listing(search_results(results, datetime.now(timezone.utc)))
    if not results:
        lower = f"{options.threshold / 2:.2g}"
        console.note(
            f"No results. Try a lower threshold, such as --threshold {lower}, "
            "or `memoryos context`."
        )
    if search_type == "text":
        console.note("The service searched by words, not by meaning.")
    return 0


def _highlighted(
    results: List[SearchResult], search: Callable[..., SearchResponse]
) -> List[SearchResult]:
    """Return the results with the passages that match, if the service finds any."""
    try:
        response = search(**HIGHLIGHT_ARGUMENTS)
    except MemoryOSError:  # such as a service without this feature
        return results
    return with_highlights(results, response["results"])
