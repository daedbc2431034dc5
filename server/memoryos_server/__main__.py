"""`python -m memoryos_server`: the server's own commands, without the SDK; `serve` by default."""

from __future__ import annotations

import argparse
import sys

from .commands import COMMANDS, MissingExtraError, configure, run
from .commands.exit_statuses import FAILED, INTERRUPTED
from .commands.output import PlainOutput
from .commands.standard_streams import open_closed_streams

_PROGRAM = "python -m memoryos_server"
_DEFAULT_COMMAND = "serve"


def main() -> int:
    """Run a command and return the exit status."""
    open_closed_streams()
    given = sys.argv[1:]
    name = given.pop(0) if given and given[0] in COMMANDS else _DEFAULT_COMMAND
    try:
        parser = _parser(name)
        options = parser.parse_args(given)
        return run(name, options, PlainOutput())
    except MissingExtraError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser(name: str) -> argparse.ArgumentParser:
    summary = COMMANDS[name].summary
    parser = argparse.ArgumentParser(
        prog=f"{_PROGRAM} {name}",
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"Commands: {', '.join(COMMANDS)}; {_DEFAULT_COMMAND} if none is given.",
    )
    configure(name, parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
