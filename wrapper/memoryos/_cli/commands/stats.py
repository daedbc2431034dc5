"""`memoryos stats`: count memories by tier, with their relevance and use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import is_local, run_command
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import plural
from memoryos._cli.scope_options import add_scope_options, shown_scope
from memoryos._cli.statistics import Statistics, TierNumbers, bars, remarks
from memoryos._protocol.response_fields import reading
from memoryos_server.commands.store_options import shown_place

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

# Ten pages: about as long as users wait for a command without --full.
MAX_EXAMINED_WITHOUT_FULL = 1000
_EXAMPLES = """
memoryos stats
memoryos stats --full --json | jq .tiers.short
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `stats`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "--full",
        action="store_true",
        help="compute relevance and use even if there are more memories than "
        f"{MAX_EXAMINED_WITHOUT_FULL:,}",
    )
    arguments.add_json(parser, "the statistics as JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Show statistics. Return the exit status."""
    return run_command("stats", options, _stats)


def _stats(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    statistics = _collect(client, console, full=options.full)
    if options.json:
        print_json(statistics.as_json())
        return 0
    location = "on this machine" if is_local(options) else f"at {client.base_url}"
    if options.store:
        location = f"in {shown_place(options.store)}"
    scope = shown_scope(options)
    of_whom = f" of {scope}" if scope else ""
    memories = plural(statistics.total, "memory", "memories")
    console.line(f"{memories}{of_whom} {location}", "strong")
    console.line("")
    console.bars(bars(statistics))
    suggestions = remarks(statistics)
    if suggestions:
        console.line("")
    for suggestion in suggestions:
        console.line(f"  {suggestion}")
    if not statistics.is_detailed:
        console.note("--full adds relevance and use")
    return 0


def _collect(client: MemoryOS, console: Console, *, full: bool) -> Statistics:
    statistics = Statistics()
    for tier in arguments.TIERS:
        page = client.memories.list(limit=1, tier=tier)
        with reading("the meta of the page"):
            total = int(page["meta"]["total"])
        statistics.tiers[tier] = TierNumbers(total=total)
    statistics.is_detailed = full or statistics.total <= MAX_EXAMINED_WITHOUT_FULL
    if statistics.is_detailed and statistics.total:
        with console.progress("Reading memories", statistics.total) as progress:
            for done, memory in enumerate(client.memories.iterate(), start=1):
                statistics.add(memory)
                progress.update(done)
    return statistics
