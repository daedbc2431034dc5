"""`memoryos context`: compile relevant memories into a text for a prompt."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.filter_options import add_filters, filters_of
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import clean, plural
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import read_text
from memoryos._protocol.response_fields import reading

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos context "Recommend a winter jacket for Priya"
memoryos context --user priya "What could we give her?"
memoryos context --max-tokens 500 --tier long "preferences" > context.txt
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `context`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "query", metavar="QUERY", help="topic of the prompt; - reads it from standard input"
    )
    parser.add_argument(
        "--max-tokens",
        type=arguments.at_least(0),
        default=arguments.default_of("get_context", "max_tokens"),
        metavar="N",
        help="maximum size of the context in tokens (default: %(default)s)",
    )
    add_filters(parser, entities=True)
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="format of the context (default: %(default)s)",
    )
    arguments.add_json(parser, "the complete response of the API as JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print the context. Return the exit status."""
    return run_command("context", options, _context)


def _context(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    response = client.get_context(
        read_text(options.query),
        max_tokens=options.max_tokens,
        format=options.format,
        **filters_of(options),
    )
    if options.json:
        print_json(response)
        return 0
    # Control characters are removed only for a terminal. A pipe gets the context unchanged.
    with reading("the context"):
        text = clean(response["context"]) if sys.stdout.isatty() else response["context"]
        summary = (
            f"{plural(len(response['memories']), 'memory', 'memories')}, "
            f"{plural(response['token_count'], 'token')}, {response['retrieval_time_ms']} ms"
        )
    print(text)
    console.note(summary)
    return 0
