"""`memoryos retag`: give memories the tags of a scope, from a field of their metadata."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Mapping

from memoryos._bulk.retag import OUTCOMES, adoption
from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.exit_statuses import FAILED, SUCCESS
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import number, plural
from memoryos._protocol.response_fields import reading
from memoryos._protocol.scopes import Scope
from memoryos.exceptions import ConflictError, NotFoundError, ValidationError

if TYPE_CHECKING:
    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console, Progress

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos retag --where metadata.user_id --as user --dry-run
memoryos retag --where metadata.user_id --as user
"""
_NOTE = """
A memory with the metadata {"user_id": "alice"} gets the tag of the scope of --user alice, besides
those that it has. One that has the tag of another user stays as it is. Run the command again to
continue after an interruption."""
_PREFIX = "metadata."
_REMARKS = {
    "other": "with a tag of another scope",
    "unusable": "whose field is no text, or whose tags are no list",
    "changed": "changed or deleted meanwhile; run the command again",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `retag`."""
    arguments.describe(parser, _EXAMPLES)
    parser.epilog = f"{parser.epilog}\n{_NOTE}"
    parser.add_argument(
        "--where",
        required=True,
        type=_field,
        metavar="metadata.FIELD",
        help="field of the metadata whose value names the scope, such as metadata.user_id",
    )
    parser.add_argument(
        "--as",
        required=True,
        dest="key",
        type=_key,
        metavar="KEY",
        help="key of the scope, such as user",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be done, without changing anything"
    )
    arguments.add_json(parser, "the counts as JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Tag memories. Return the exit status."""
    return run_command("retag", options, _retag)


def _retag(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    counts: Counter[str] = Counter()
    try:
        with console.progress("Tagging") as progress:
            _tag_all(client, counts, progress, options)
    except BaseException:
        if counts["tagged"] and not options.dry_run:
            tagged = plural(counts["tagged"], "memory", "memories")
            console.error(f"stopped after {tagged}; to continue, run the command again")
        raise
    return _show(counts, console, options)


def _tag_all(
    client: MemoryOS, counts: Counter[str], progress: Progress, options: argparse.Namespace
) -> None:
    for done, memory in enumerate(client.memories.iterate(), start=1):
        decided = adoption(memory, options.where, options.key)
        outcome = decided.outcome
        if decided.metadata is not None and not options.dry_run:
            with reading("a memory"):
                memory_id, updated_at = memory["id"], memory["updated_at"]
            try:
                client.memories.update(
                    memory_id, metadata=decided.metadata, if_updated_at=updated_at
                )
            except (ConflictError, NotFoundError):
                outcome = "changed"
        counts[outcome] += 1
        progress.update(done)


def _show(counts: Mapping[str, int], console: Console, options: argparse.Namespace) -> int:
    if options.json:
        print_json({outcome: counts[outcome] for outcome in OUTCOMES})
    else:
        would = "would be " if options.dry_run else ""
        console.line(
            f"{plural(counts['tagged'], 'memory', 'memories')} {would}tagged, "
            f"{number(counts['already'])} tagged already, {number(counts['without'])} without "
            f"metadata.{options.where}"
        )
    left = [outcome for outcome in _REMARKS if counts[outcome]]
    for outcome in left:
        memories = plural(counts[outcome], "memory", "memories")
        console.error(f"left as they are: {memories} {_REMARKS[outcome]}")
    return FAILED if left else SUCCESS


def _field(text: str) -> str:
    if not text.startswith(_PREFIX) or text == _PREFIX:
        raise argparse.ArgumentTypeError("must be metadata.FIELD, such as metadata.user_id")
    return text[len(_PREFIX) :]


def _key(text: str) -> str:
    try:
        Scope({text: "x"})
    except ValidationError as error:
        raise argparse.ArgumentTypeError(f"must be the key of a scope: {error.message}") from None
    return text
