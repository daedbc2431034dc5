"""`python -m memoryos_server`: the server's own commands, without the SDK; `serve` by default."""

from __future__ import annotations

import sys

from .commands import COMMANDS, MissingExtraError, configure, run
from .commands.argument_parser import ArgumentParser
from .commands.exit_statuses import FAILED, INTERRUPTED
from .commands.output import PlainOutput
from .commands.standard_streams import open_closed_streams, run_and_flush

_PROGRAM = "python -m memoryos_server"
_DEFAULT_COMMAND = "serve"


def main() -> int:
    """Run a command and return the exit status."""
    open_closed_streams()
    return run_and_flush(_PROGRAM, lambda: _run(sys.argv[1:]))


def _run(given: list[str]) -> int:
    name = _DEFAULT_COMMAND
    if given and not given[0].startswith("-"):
        name, *given = given
    try:
        if name not in COMMANDS:
            _parser(_DEFAULT_COMMAND).reject_name(name, "command", COMMANDS)
        options = _parser(name).parse_args(given)
        return run(name, options, PlainOutput())
    except MissingExtraError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser(name: str) -> ArgumentParser:
    summary = COMMANDS[name].summary
    parser = ArgumentParser(
        prog=f"{_PROGRAM} {name}",
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"Commands: {', '.join(COMMANDS)}; {_DEFAULT_COMMAND} if none is given.",
    )
    configure(name, parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
