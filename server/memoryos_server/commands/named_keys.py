"""Options for the keys of scopes that have an option of their own, such as `--user`.

The SDK's commands have them, too. This module runs on Python 3.8 and imports no installed package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

__all__ = ["NAMED_KEYS", "add_named_keys"]

NAMED_KEYS = ("user", "agent")


def add_named_keys(group: argparse._ArgumentGroup, meaning: str) -> None:
    """Add an option for each of `NAMED_KEYS`, whose values are a list.

    Args:
        group: Where to add them.
        meaning: Their help, in which `{key}` stands for the key.
    """
    for key in NAMED_KEYS:
        group.add_argument(
            f"--{key}",
            action="append",  # so that a second one isn't taken for a correction
            default=[],
            metavar="NAME",
            help=meaning.format(key=key),
        )
