"""`memoryos entities`: list and create entities, such as people and places."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from memoryos._cli import arguments
from memoryos._cli.command_runner import MissingFile, run_command
from memoryos._cli.error_messages import InputError
from memoryos._cli.list_page import show_page
from memoryos._cli.output.console import print_json
from memoryos._cli.output.formatting import flat, one_line
from memoryos._cli.output.tables import entities
from memoryos._protocol.response_fields import reading

if TYPE_CHECKING:
    import argparse

    from memoryos import MemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["configure", "run"]

_EXAMPLES = """
memoryos entities --type person
memoryos entities --create "Ada Lovelace" --type person --alias Ada
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `entities`."""
    arguments.describe(parser, _EXAMPLES)
    parser.add_argument(
        "--type",
        choices=arguments.ENTITY_TYPES,
        help="only entities of this type; with --create, the type of the new entity",
    )
    parser.add_argument("--search", metavar="TEXT", help="only entities whose name contains TEXT")
    arguments.add_page(parser, "entities", operation="list_entities")
    group = parser.add_argument_group("create an entity")
    group.add_argument("--create", metavar="NAME", help="create an entity with this name")
    group.add_argument(
        "--alias",
        action="append",
        metavar="NAME",
        help="alternative name of the new entity; repeatable",
    )
    group.add_argument(
        "--metadata",
        type=arguments.json_object,
        metavar="JSON",
        help="metadata of the new entity, a JSON object",
    )
    arguments.add_json(parser, "each entity as one line of JSON")
    arguments.add_client_options(parser)


def run(options: argparse.Namespace) -> int:
    """List or create entities. Return the exit status."""
    missing_file = MissingFile.REJECT if options.create is None else MissingFile.CREATE
    return run_command("entities", options, _entities, missing_file=missing_file)


def _entities(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    if options.create is not None:
        return _create(client, console, options)
    if options.alias or options.metadata:
        raise InputError("--alias and --metadata need --create")
    page = client.entities.list(
        options.limit, options.offset, type=options.type, search=options.search
    )
    listing = entities(page["data"], datetime.now(timezone.utc))
    show_page(page, listing, "entities", console, options)
    return 0


def _create(client: MemoryOS, console: Console, options: argparse.Namespace) -> int:
    if options.type is None:
        raise InputError("--create needs --type")
    entity = client.entities.create(
        options.create, options.type, aliases=options.alias, metadata=options.metadata
    )
    if options.json:
        print_json(entity)
    else:
        with reading("the entity"):
            summary = f"{entity['id']} ({one_line(entity['name'])})"
        console.line(flat(f"Created {summary}"))
    return 0
