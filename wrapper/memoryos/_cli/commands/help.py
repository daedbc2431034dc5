"""`memoryos help`: show the help of the program or of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the argument of `help`."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="COMMAND",
        help="command to explain, with its action if it has some; without it, all are listed",
    )


def run(options: argparse.Namespace) -> int:
    """Show the help and return the exit status."""
    status: int = options.run_words([*options.words, "--help"])
    return status
