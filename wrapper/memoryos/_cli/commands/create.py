"""`memoryos create`: store a memory, or many."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Dict

from memoryos._cli import arguments
from memoryos._cli.command_runner import run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import age
from memoryos._cli.standard_input import STDIN, is_piped, read_text

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos create --tier long --type fact "Ada drinks her coffee black"
memoryos create --tag travel --metadata '{"trip": "Lisbon"}' "The hotel is near the river"
git log -1 --format=%B | memoryos create -
memoryos create --lines --tier long < notes.txt
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `create`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "content",
        nargs="?",
        metavar="CONTENT",
        help="what to remember; - or nothing reads it from standard input",
    )
    parser.add_argument(
        "--tier",
        choices=arguments.TIERS,
        default="short",
        help="how long to keep it; short is 24 hours (default: %(default)s)",
    )
    parser.add_argument(
        "--type",
        choices=arguments.CONTENT_TYPES,
        default="text",
        help="what kind of text it is (default: %(default)s)",
    )
    parser.add_argument(
        "--nature",
        choices=arguments.NATURES,
        help="episodic for events, semantic for facts",
    )
    parser.add_argument(
        "--importance",
        type=arguments.fraction,
        metavar="0..1",
        help="how much it matters",
    )
    _add_labels(parser)
    _add_many(parser)
    output = parser.add_mutually_exclusive_group()
    arguments.add_json(output, "the memory as JSON; with --lines one a line")
    output.add_argument("-q", "--quiet", action="store_true", help="print the id only")
    arguments.add_client_options(parser)


def _add_labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tag", action="append", default=[], metavar="NAME", help="a tag; repeatable"
    )
    parser.add_argument(
        "--entity",
        action="append",
        default=[],
        metavar="ID",
        help="an entity that it speaks of, by its id; repeatable",
    )
    parser.add_argument(
        "--metadata", type=arguments.json_object, metavar="JSON", help="any JSON object"
    )
    parser.add_argument("--parent", metavar="ID", help="the memory that it belongs to")
    parser.add_argument("--external-id", metavar="TEXT", help="your own reference")
    parser.add_argument("--source-id", metavar="TEXT", help="where it came from")


def _add_many(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("many at once, from standard input")
    form = group.add_mutually_exclusive_group()
    form.add_argument("--lines", action="store_true", help="each line is a memory")
    form.add_argument(
        "--jsonl",
        action="store_true",
        help="each line is a JSON object with the arguments of memories.create",
    )
    group.add_argument(
        "--batch",
        metavar="NAME",
        help="a name for the whole: the same lines with the same name are stored once, however "
        "often they are sent within 24 hours",
    )
    group.add_argument(
        "--concurrency",
        type=arguments.at_least(1),
        default=8,
        metavar="N",
        help="how many to send at once (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Store what is given, and return the exit status."""
    return run_command("create", options, _create)


def _create(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    _check(options)
    if options.lines or options.jsonl:
        from memoryos._cli.bulk_create import create_many

        return create_many(client, console, options, _fields(options))
    memory = client.memories.create(read_text(options.content or STDIN), **_fields(options))
    if options.json:
        print_json(memory)
    elif options.quiet:
        print(memory["id"])
    else:
        console.line(f"Stored {memory['id']} ({_kept(memory)})")
    return 0


def _check(options: argparse.Namespace) -> None:
    many = options.lines or options.jsonl
    if options.content in (None, STDIN):
        if not is_piped():
            raise InputError("nothing to store: give CONTENT, or pipe it in")
    elif many:
        raise InputError("--lines and --jsonl read standard input: leave CONTENT away")
    if options.batch and not many:
        raise InputError("--batch is for --lines and --jsonl")


def _fields(options: argparse.Namespace) -> Dict[str, Any]:
    """Return the arguments of `memories.create` but the content; those not given are left out."""
    metadata = dict(options.metadata or {})
    if options.tag:
        metadata["tags"] = options.tag
    if options.entity:
        metadata["entities"] = options.entity
    fields = {
        "tier": options.tier,
        "content_type": options.type,
        "memory_nature": options.nature,
        "parent_memory_id": options.parent,
        "metadata": metadata or None,
        "external_id": options.external_id,
        "source_id": options.source_id,
        "importance_score": options.importance,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _kept(memory: Any) -> str:
    if not memory["expires_at"]:
        return str(memory["tier"])
    gone = age(memory["expires_at"], datetime.now(timezone.utc))
    return f"{memory['tier']}, expires {gone}; --tier long keeps it"
