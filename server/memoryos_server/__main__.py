"""`python -m memoryos_server`: the same as `memoryos serve`."""

from __future__ import annotations

import argparse
import sys

from .commands.serve_options import add_arguments, read_options


def main() -> int:
    """Serve by the command line's options and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m memoryos_server",
        description="Run Memory OS on this machine, over HTTP.",
    )
    add_arguments(parser)
    options = read_options(parser.parse_args())
    try:
        from .commands.serve import serve
    except ImportError as error:
        from memoryos._extras import missing_extra

        print(missing_extra("local", "memoryos_server", error), file=sys.stderr)
        return 1
    return serve(options)


if __name__ == "__main__":
    sys.exit(main())
