"""`memoryos serve`: run Memory OS over HTTP."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .errors import UsageError
from .exit_statuses import FAILED
from .serve_options import add_arguments, read_options

if TYPE_CHECKING:
    import argparse

    from .output import Output

__all__ = ["configure", "run"]

_NAME = "memoryos serve"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`."""
    add_arguments(parser)


def run(options: argparse.Namespace, output: Output) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit status."""
    from .http_server import serve

    try:
        parsed = read_options(options, os.environ, lambda text: output.message(f"{_NAME}: {text}"))
    except UsageError as error:
        output.error(f"{_NAME}: {error}")
        return FAILED
    return serve(parsed, output)
