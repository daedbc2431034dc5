"""`memoryos serve`: the local Memory OS over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos._extras import missing_extra, require_python

if TYPE_CHECKING:
    import argparse

__all__ = ["configure", "run"]

_FEATURE = "memoryos serve"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`."""
    require_python(_FEATURE)
    from memoryos_server.commands.serve_options import add_arguments

    add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM, and return the exit status."""
    try:
        from memoryos_server.commands.serve import serve
        from memoryos_server.commands.serve_options import read_options
    except ImportError as error:
        raise missing_extra("local", _FEATURE, error) from error
    return serve(read_options(options))
