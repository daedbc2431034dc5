"""`memoryos context`: what is remembered for a query, ready for a prompt."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import clean, number, plural
from memoryos._cli.standard_input import read_text

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos context "Recommend a winter jacket for Priya"
memoryos context --max-tokens 500 --tier long "preferences" > context.txt
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `context`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "query", metavar="QUERY", help="what the prompt is about; - reads it from standard input"
    )
    parser.add_argument(
        "--max-tokens",
        type=arguments.at_least(0),
        default=4000,
        metavar="N",
        help="how many tokens the context may have (default: %(default)s)",
    )
    parser.add_argument("--tier", choices=arguments.TIERS, help="only memories of this tier")
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="the form of the context itself (default: %(default)s)",
    )
    arguments.add_json(parser, "the API's whole answer as JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print the context, and return the exit status."""
    return run_command("context", options, _context)


def _context(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    answer = client.get_context(
        read_text(options.query),
        max_tokens=options.max_tokens,
        tier=options.tier,
        format=options.format,
    )
    if options.json:
        print_json(answer)
        return 0
    # A pipe gets the context as it is, a terminal what can't steer it.
    text = answer["context"]
    print(clean(text) if sys.stdout.isatty() else text)
    console.note(
        f"{plural(len(answer['memories']), 'memory', 'memories')}, "
        f"{number(answer['token_count'])} tokens, {answer['retrieval_time_ms']} ms"
    )
    return 0
