"""`memoryos add`: store the messages of a conversation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, List, cast

from memoryos._bulk.messages import CONFLICT_CHOICES
from memoryos._cli import arguments
from memoryos._cli.command_runner import MissingFile, run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.file_names import expand_user
from memoryos._cli.filter_options import add_meta, merged_metadata
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import plural
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import STDIN, decoded, read_text
from memoryos._protocol.json_texts import RepeatedKeyError, parsed_json

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._bulk.messages import MessagesReport
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos add --session chat-1 messages.json
memoryos add --session chat-1 --user ada --on-conflict update messages.json
jq .messages request.json | memoryos add --session chat-1 -
"""
_FORMS = "must be a JSON list of messages, or an object with such a list as `messages`"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `add`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "file",
        metavar="FILE",
        help="file with a JSON list of messages, each an object with role and content, as chat "
        "APIs take them; - reads it from standard input",
    )
    parser.add_argument(
        "--session",
        required=True,
        metavar="NAME",
        help="name of the conversation; messages of it that are stored already are skipped",
    )
    position = parser.add_mutually_exclusive_group()
    position.add_argument(
        "--start",
        type=arguments.at_least(0),
        default=0,
        metavar="N",
        help="position of the first message in the conversation (default: %(default)s)",
    )
    position.add_argument(
        "--append",
        action="store_true",
        help="add the messages after the last one that is stored; not safe to repeat",
    )
    parser.add_argument(
        "--on-conflict",
        choices=CONFLICT_CHOICES,
        default="error",
        help="what to do if another message is stored at a position: store nothing at all, skip "
        "it, or update what is stored (default: %(default)s)",
    )
    parser.add_argument(
        "--tier",
        choices=arguments.TIERS,
        default="long",
        help="how long to keep the messages (default: %(default)s)",
    )
    parser.add_argument("--tag", action="append", metavar="NAME", help="tag of each; repeatable")
    add_meta(parser, "metadata of each message, such as channel=web")
    arguments.add_json(parser, "what was done as JSON")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """Store the messages. Return the exit status."""
    return run_command("add", options, _add, missing_file=MissingFile.CREATE)


def _add(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    report = client.memories.add_messages(
        _messages(options.file),
        options.session,
        start=None if options.append else options.start,
        on_conflict=options.on_conflict,
        tier=options.tier,
        tags=options.tag,
        metadata=merged_metadata({}, options.meta) or None,
    )
    if options.json:
        print_json(_as_json(report))
        return 0
    counts = {"updated": len(report.updated), "skipped": report.skipped}
    counts["left out"] = len(report.left_out)
    others = "".join(f", {count} {what}" for what, count in counts.items() if count)
    console.line(f"{plural(len(report.stored), 'message')} stored{others}")
    return 0


def _messages(file: str) -> List[Any]:
    """Return the messages in a file.

    Raises:
        InputError: The file has no JSON, or no messages, or an object with a key twice.
        OSError: It can't be read.
    """
    name = "standard input" if file == STDIN else file
    text = read_text(file) if file == STDIN else decoded(Path(expand_user(file)).read_bytes(), name)
    try:
        value = parsed_json(text)
    except RepeatedKeyError as error:
        raise InputError(f"{name} {error}") from None
    except ValueError:
        value = None
    if isinstance(value, dict):
        value = cast("Any", value).get("messages")
    if not isinstance(value, list):
        raise InputError(f"{name} {_FORMS}")
    return [*cast("Any", value)]


def _as_json(report: MessagesReport) -> Any:
    return {
        "stored": report.stored,
        "updated": report.updated,
        "skipped": report.skipped,
        "left_out": [vars(one) for one in report.left_out],
        "next_position": report.next_position,
    }
