"""The `memoryos` command: the parser, and the exit status."""

from __future__ import annotations

import argparse
import sys
from typing import Container, Optional, Sequence

from memoryos._extras import MissingExtraError
from memoryos._version import __version__
from memoryos_server.commands.standard_streams import open_closed_streams

from .commands import SUMMARIES, load_command
from .exit_statuses import FAILED, INTERRUPTED, USAGE_ERROR

__all__ = ["full_parser", "main"]

_EPILOG = """
examples:
  memoryos create --tier long "Ada drinks her coffee black"
  memoryos search "How does Ada take her coffee?"
  memoryos list --json | jq -r .content
  memoryos doctor

The API key comes from the environment variable MEMORY_OS_API_KEY. Without an account, add --local
to use a Memory OS on this machine. `memoryos COMMAND --help` shows the options of a command.
"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command line and return the exit status.

    Args:
        arguments: The arguments after `memoryos`. Default: those of this process.
    """
    open_closed_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        parser = _parser(_subcommands(given))
        if not given:
            parser.print_help(sys.stderr)
            return USAGE_ERROR
        options = parser.parse_args(given)
        status: int = options.run(options)
    except MissingExtraError as error:
        message = str(error)  # most begin with the command, such as `memoryos serve needs`
        prefix = "" if message.startswith("memoryos ") else "memoryos: "
        print(f"{prefix}{message}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def full_parser() -> argparse.ArgumentParser:
    """Return the parser with the options of every command that this Python can run."""
    return _parser(SUMMARIES, leave_out_unusable=True)


def _subcommands(arguments: Sequence[str]) -> Sequence[str]:
    return [word for word in arguments if word in SUMMARIES][:1]


def _parser(
    subcommands: Container[str], *, leave_out_unusable: bool = False
) -> argparse.ArgumentParser:
    """Return the parser, with the options of `subcommands` only: other modules are not imported.

    Args:
        subcommands: The names of the commands that get their options.
        leave_out_unusable: Whether a command that this Python can't run gets no options, instead
            of raising.

    Raises:
        MissingExtraError: This Python can't run one of `subcommands`.
    """
    parser = argparse.ArgumentParser(
        prog="memoryos",
        description="Memory OS: long-term memory for AI applications.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"memoryos {__version__}")
    parser.set_defaults(full_parser=full_parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in SUMMARIES.items():
        command = commands.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
        )
        if name in subcommands:
            loaded = load_command(name)
            try:
                loaded.configure(command)
            except MissingExtraError:
                if not leave_out_unusable:
                    raise
            command.set_defaults(run=loaded.run)
    return parser
