"""`memoryos create`: store one memory, or one per line of standard input."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Dict

from memoryos._cli import arguments
from memoryos._cli.command_runner import MissingFile, run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.filter_options import add_meta, joined_metadata, merged_metadata
from memoryos._cli.output.console import print_id, print_json
from memoryos._cli.output.formatting import age, flat
from memoryos._cli.scope_options import add_scope_options
from memoryos._cli.standard_input import STDIN, is_piped, read_text
from memoryos._protocol.response_fields import reading
from memoryos._sync.bulk import DEFAULT_CONCURRENCY

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos create --tier long --type fact "Ada drinks her coffee black"
memoryos create --tag travel --metadata '{"trip": "Lisbon"}' "The hotel is near the river"
git log -1 --format=%B | memoryos create -
memoryos create --user ada --tier long --upsert --external-id profile "Ada lives in Lisbon"
memoryos create --lines --tier long < notes.txt
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `create`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "content",
        nargs="?",
        metavar="CONTENT",
        help="text to remember; if omitted or -, it is read from standard input",
    )
    parser.add_argument(
        "--tier",
        choices=arguments.TIERS,
        default="short",
        help="how long to keep the memory; short keeps it for 24 hours (default: %(default)s)",
    )
    parser.add_argument(
        "--type",
        choices=arguments.CONTENT_TYPES,
        default="text",
        help="content type (default: %(default)s)",
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
        help="importance of the memory",
    )
    _add_labels(parser)
    _add_bulk_options(parser)
    output = parser.add_mutually_exclusive_group()
    arguments.add_json(output, "each memory as one line of JSON")
    output.add_argument("-q", "--quiet", action="store_true", help="print only the ids")
    add_scope_options(parser)
    arguments.add_client_options(parser)


def _add_labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tag", action="append", default=[], metavar="NAME", help="tag of the memory; repeatable"
    )
    parser.add_argument(
        "--entity",
        action="append",
        default=[],
        metavar="ID",
        help="id of an entity that the memory is about; repeatable",
    )
    parser.add_argument(
        "--metadata", type=arguments.json_object, metavar="JSON", help="metadata, a JSON object"
    )
    add_meta(parser, "one member of the metadata, such as topic=tea")
    parser.add_argument("--parent", metavar="ID", help="id of the parent memory")
    parser.add_argument("--external-id", metavar="TEXT", help="your own id for the memory")
    parser.add_argument(
        "--upsert",
        action="store_true",
        help="if there is a memory with this --external-id, change the newest one instead",
    )
    parser.add_argument("--source-id", metavar="TEXT", help="your own id for its source")


def _add_bulk_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("several memories from standard input")
    form = group.add_mutually_exclusive_group()
    form.add_argument(
        "--lines",
        action="store_true",
        help="store each line as a memory; with --type conversation, --source-id or --parent, in "
        "the order of the lines",
    )
    form.add_argument(
        "--jsonl",
        action="store_true",
        help="store each line, a JSON object with arguments of memories.create, which win over the "
        "options; tags, entities and members of the metadata are added to those of the options",
    )
    group.add_argument(
        "--batch",
        metavar="NAME",
        help="name of this batch: repeating the same lines with the same name within 24 hours "
        "stores nothing twice",
    )
    group.add_argument(
        "--concurrency",
        type=arguments.at_least(1),
        default=DEFAULT_CONCURRENCY,
        metavar="N",
        help="number of requests in flight (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Store memories. Return the exit status."""
    return run_command("create", options, _create, missing_file=MissingFile.CREATE)


def _create(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    _check(options)
    if options.lines or options.jsonl:
        from memoryos._cli.bulk_create import create_many

        return create_many(client, console, options, _fields(options))
    store = client.memories.upsert if options.upsert else client.memories.create
    memory = store(content=read_text(options.content or STDIN), **_fields(options))
    if options.json:
        print_json(memory)
    elif options.quiet:
        print_id(memory)
    else:
        with reading("the memory"):
            summary = f"{memory['id']} ({_tier_and_expiry(memory)})"
        console.line(flat(f"Stored {summary}"))
    return 0


def _check(options: argparse.Namespace) -> None:
    bulk = options.lines or options.jsonl
    if options.content in (None, STDIN):
        if not is_piped():
            raise InputError("nothing to store: pass CONTENT, or pipe it to standard input")
    elif bulk:
        raise InputError("--lines and --jsonl can't be combined with CONTENT")
    if options.upsert and (bulk or options.external_id is None):
        raise InputError("--upsert needs --external-id, and takes a single memory")
    if options.batch is not None and not bulk:
        raise InputError("--batch needs --lines or --jsonl")


def _fields(options: argparse.Namespace) -> Dict[str, Any]:
    """Return the arguments of `memories.create` that were given, without the content."""
    metadata = merged_metadata(options.metadata or {}, options.meta)
    labels = {"tags": options.tag, "entities": options.entity}
    labels = {key: names for key, names in labels.items() if names}
    for key in labels:
        if not isinstance(metadata.get(key, []), list):
            raise InputError(f"metadata.{key} must be a list if there are {key} to add to it")
    metadata = joined_metadata(metadata, labels)
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


def _tier_and_expiry(memory: Any) -> str:
    if not memory["expires_at"]:
        return str(memory["tier"])
    expiry = age(memory["expires_at"], datetime.now(timezone.utc))
    return f"{memory['tier']}, expires {expiry}; use --tier long to keep it"
