"""The `memoryos` command, and `python -m memoryos`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import Optional, Sequence

from memoryos._extras import MissingExtraError
from memoryos._version import __version__
from memoryos.commands import SUMMARIES

__all__ = ["main"]

_USAGE = 2
_INTERRUPTED = 130


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command line and return the exit status.

    Args:
        arguments: what stands behind `memoryos`; by default the process's own.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        parser = _parser(_subcommand(given))
        if not given:
            parser.print_help(sys.stderr)
            return _USAGE
        options = parser.parse_args(given)
        status: int = options.run(options)
    except MissingExtraError as error:
        print(f"memoryos: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return status


def _subcommand(arguments: Sequence[str]) -> Optional[str]:
    return next((word for word in arguments if word in SUMMARIES), None)


def _parser(subcommand: Optional[str]) -> argparse.ArgumentParser:
    """Return the parser; only the module of `subcommand` is imported for it."""
    parser = argparse.ArgumentParser(
        prog="memoryos",
        description="Memory OS: long-term memory for AI applications.",
        epilog="`memoryos COMMAND --help` says more about a command.",
    )
    parser.add_argument("--version", action="version", version=f"memoryos {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in SUMMARIES.items():
        command = commands.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
        )
        if name == subcommand:
            module = import_module(f"memoryos.commands.{name.replace('-', '_')}")
            module.configure(command)
            command.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
