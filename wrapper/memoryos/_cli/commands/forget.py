"""`memoryos forget`: delete all memories of a user, or of another scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.confirmation import add_yes, can_ask, is_confirmed
from memoryos._cli.error_messages import InputError
from memoryos._cli.exit_statuses import FAILED
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import plural
from memoryos._cli.scope_options import add_scope_options, shown_scope
from memoryos._protocol.response_fields import reading

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS, ScopedMemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos forget --user alice
memoryos forget --user alice --scope session=s1 --yes
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `forget`."""
    arguments.describe(parser, _EXAMPLES)
    add_yes(parser)
    arguments.add_json(parser, "what was deleted as JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Delete the memories of a scope. Return the exit status."""
    return run_command("forget", options, _forget)


def _forget(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    scope = shown_scope(options)
    if not scope:
        raise InputError("name whose memories to delete, with --user, --agent or --scope")
    view = cast("ScopedMemoryOS", client)
    if not options.yes and can_ask():
        with reading("the meta of the page"):
            count = int(view.memories.list(limit=1)["meta"]["total"])
        memories = plural(count, "memory", "memories")
        if not is_confirmed(f"Delete {memories} of {scope} permanently?"):
            console.note("Nothing was deleted.")
            return FAILED
    with console.progress("Deleting") as progress:
        result = view.memories.delete_all(confirm=True, on_progress=progress.update)
    if options.json:
        print_json(result)
        return 0
    console.line(f"{plural(result['deleted'], 'memory', 'memories')} deleted")
    if result["tags_may_remain"]:
        console.note("The names of the tags may remain at the service.")
    return 0
