"""`memoryos serve`: run Memory OS over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .serve_options import add_arguments, read_options

if TYPE_CHECKING:
    import argparse

    from .output import Output

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`."""
    add_arguments(parser)


def run(options: argparse.Namespace, output: Output) -> int:
    """Serve until SIGINT or SIGTERM, and return the exit status."""
    from .http_server import serve

    return serve(read_options(options), output)
