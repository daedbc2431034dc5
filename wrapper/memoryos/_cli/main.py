"""The `memoryos` command: the parser, and the exit status."""

from __future__ import annotations

import argparse
import sys
from typing import Container, Optional, Sequence

from memoryos._extras import MissingExtraError
from memoryos._version import __version__
from memoryos_server.commands.argument_parser import ArgumentParser
from memoryos_server.commands.standard_streams import open_closed_streams, run_and_flush

from .commands import COMMANDS_WITH_ACTIONS, SUMMARIES, load_command
from .exit_statuses import FAILED, INTERRUPTED, USAGE_ERROR
from .leading_options import move_leading_options

__all__ = ["full_parser", "main"]

_PROGRAM = "memoryos"
_EPILOG = """
examples:
  memoryos create --tier long "Ada drinks her coffee black"
  memoryos search "How does Ada take her coffee?"
  memoryos list --json | jq -r .content
  memoryos context --user ada "What does Ada drink?"
  memoryos doctor

The API key comes from the environment variable MEMORY_OS_API_KEY. Without an account, add --local
to use a Memory OS on this machine. `memoryos help COMMAND` shows the options of a command.
"""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command line and return the exit status.

    Args:
        arguments: The arguments after `memoryos`. Default: those of this process.
    """
    open_closed_streams()
    given = sys.argv[1:] if arguments is None else list(arguments)
    return run_and_flush(_PROGRAM, lambda: _run(given))


def full_parser() -> argparse.ArgumentParser:
    """Return the parser with the options of every command that this Python can run."""
    return _parser(SUMMARIES, leave_out_unusable=True)


def _run(given: Sequence[str]) -> int:
    try:
        parser = _parser(())
        if not given:
            parser.print_help(sys.stderr)
            return USAGE_ERROR
        words = move_leading_options(parser, given, SUMMARIES, COMMANDS_WITH_ACTIONS)
        options = _parser(words[:1]).parse_args(words)
        status: int = options.run(options)
    except MissingExtraError as error:
        message = str(error)  # most begin with the command, such as `memoryos serve needs`
        prefix = "" if message.startswith("memoryos ") else "memoryos: "
        print(f"{prefix}{message}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _parser(subcommands: Container[str], *, leave_out_unusable: bool = False) -> ArgumentParser:
    """Return the parser, with the options of `subcommands` only: other modules are not imported.

    Args:
        subcommands: The names of the commands that get their options.
        leave_out_unusable: Whether a command that this Python can't run gets no options, instead
            of raising.

    Raises:
        MissingExtraError: This Python can't run one of `subcommands`.
    """
    parser = ArgumentParser(
        prog=_PROGRAM,
        description="Memory OS: long-term memory for AI applications.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"{_PROGRAM} {__version__}")
    # Passed in, because this module imports the commands.
    parser.set_defaults(full_parser=full_parser, run_words=_run)
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
