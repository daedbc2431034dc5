"""Options that narrow a command to one scope, such as the memories of one user."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Dict, Tuple, cast

from memoryos_server.commands.named_keys import NAMED_KEYS, add_named_keys

from .error_messages import InputError
from .output.formatting import one_line

if TYPE_CHECKING:
    from memoryos import MemoryOS

__all__ = ["add_scope_options", "in_scope", "scope_of", "shown_scope"]


def add_scope_options(parser: argparse.ArgumentParser) -> None:
    """Add `--user`, `--agent` and `--scope`."""
    group = parser.add_argument_group(
        "scope", "Only memories with these tags; what is stored gets them"
    )
    add_named_keys(group, "the memories of this {key} only")
    group.add_argument(
        "--scope",
        action="append",
        type=_key_and_value,
        default=[],
        metavar="KEY=VALUE",
        help="another key of the scope, such as session=s1; repeatable",
    )


def scope_of(options: argparse.Namespace) -> Dict[str, str]:
    """Return the values of the scope by key; empty if the options name none.

    Raises:
        InputError: A key is given twice, or a value is empty.
    """
    named = [(key, value) for key in NAMED_KEYS for value in getattr(options, key, ())]
    scope: Dict[str, str] = {}
    for key, value in [*named, *getattr(options, "scope", ())]:
        if not value:  # such as an unset variable of the shell: not all memories are meant
            raise InputError(f"the value of {key} in the scope must not be empty")
        if key in scope:
            raise InputError(f"the scope has the key {key} twice")
        scope[key] = value
    return scope


def shown_scope(options: argparse.Namespace) -> str:
    """Return the scope that the options name, as `user alice, session s1`; empty if none."""
    return one_line(", ".join(f"{key} {value}" for key, value in scope_of(options).items()))


def in_scope(client: MemoryOS, options: argparse.Namespace) -> MemoryOS:
    """Return a client, or its view on the scope that the options name.

    A view has the methods of a client that commands with these options use.
    """
    scope = scope_of(options)
    return cast("MemoryOS", client.scoped(**scope)) if scope else client


def _key_and_value(text: str) -> Tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError("must be KEY=VALUE, such as session=s1")
    return key, value
