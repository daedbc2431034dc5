"""`memoryos stats`: how much is remembered, and how alive it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import is_local, run_command
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import plural
from memoryos._cli.statistics import Statistics, TierNumbers, bars, remarks

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

# Ten pages: about as long as a person waits without having asked for it.
_LOOKED_AT_UNASKED = 1000
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
        help="look at every memory, for relevance and use, also where there are more than "
        f"{_LOOKED_AT_UNASKED:,}",
    )
    arguments.add_json(parser, "the numbers as JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Show the numbers, and return the exit status."""
    return run_command("stats", options, _stats)


def _stats(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    statistics = _collect(client, console, full=options.full)
    if options.json:
        print_json(statistics.as_json())
        return 0
    where = "on this machine" if is_local(options) else f"at {client.base_url}"
    console.line(f"{plural(statistics.total, 'memory', 'memories')} {where}", "strong")
    console.line("")
    console.bars(bars(statistics))
    said = remarks(statistics)
    if said:
        console.line("")
    for remark in said:
        console.line(f"  {remark}")
    if not statistics.is_detailed:
        console.note("--full looks at each of them, for relevance and use")
    return 0


def _collect(client: MemoryOS, console: Console, *, full: bool) -> Statistics:
    statistics = Statistics()
    for tier in arguments.TIERS:
        total = client.memories.list(limit=1, tier=tier)["meta"]["total"]
        statistics.tiers[tier] = TierNumbers(total=total)
    statistics.is_detailed = full or statistics.total <= _LOOKED_AT_UNASKED
    if statistics.is_detailed and statistics.total:
        with console.progress("Looking at memories", statistics.total) as progress:
            for done, memory in enumerate(client.memories.iterate(), start=1):
                statistics.add(memory)
                progress.update(done)
    return statistics
