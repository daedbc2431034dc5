"""`memoryos mcp`: an MCP server on standard input and output, for AI applications."""

from __future__ import annotations

import logging
import os
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any, Callable

from memoryos._claimed_streams import ClaimedStreams
from memoryos._cli import arguments
from memoryos._cli.command_runner import is_local, local_path, run_with_console
from memoryos._cli.error_messages import InputError
from memoryos._cli.key_file import use_key_file
from memoryos._cli.local_database import existing_path
from memoryos._cli.mcp_print_config import add_print_options, print_configuration
from memoryos._cli.scope_options import add_scope_options, scope_of
from memoryos._extras import missing_extra, require_packages, require_python
from memoryos._protocol.settings import KEY_VARIABLE

if TYPE_CHECKING:
    import argparse

    from mcp.server.lowlevel import Server

    from memoryos import AsyncMemoryOS
    from memoryos._cli.output.console import Console

__all__ = ["add_options", "configure", "run"]

_FEATURE = "memoryos mcp"
_EXAMPLES = """
memoryos mcp
memoryos mcp --user alice
memoryos mcp --read-only --data ~/work.db
memoryos mcp --print-config cursor --user alice
"""
_NOTE = f"""
An AI application starts this command: docs/mcp.md shows how to configure it. Without
{KEY_VARIABLE}, it uses the Memory OS on this machine."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `mcp`."""
    arguments.describe(parser, _EXAMPLES)
    parser.epilog = f"{parser.epilog}\n{_NOTE}"
    add_options(
        parser,
        "offer only tools that change nothing: search_memories, get_context, list_memories",
    )
    add_print_options(parser)


def add_options(parser: argparse.ArgumentParser, read_only_help: str) -> None:
    """Add the options of this command. `doctor` takes the same ones."""
    parser.add_argument("--read-only", action="store_true", help=read_only_help)
    add_scope_options(parser)
    arguments.add_client_options(parser)
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        help=f"read the API key from this file instead of {KEY_VARIABLE}, such as the file that "
        "`memoryos serve` has written",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until standard input ends and return the exit status."""
    return run_with_console("mcp", options, lambda console: _serve(console, options))


def _serve(console: Console, options: argparse.Namespace) -> int:
    if options.url and not options.print_config:
        raise InputError("--url needs --print-config")
    use_key_file(options)
    if options.print_config:
        return print_configuration(console, options)
    require_python(_FEATURE)
    require_packages(_FEATURE, "mcp", ["mcp"])
    if sys.stdin is not None and sys.stdin.isatty():
        console.note(
            "An AI application is meant to start this MCP server; see docs/mcp.md. Ctrl-C stops it."
        )
    # Claimed before anything else is imported: an embedder may print.
    streams = _claim_streams()
    try:
        server = _create_server(options)
        from memoryos.mcp import run_stdio
    except BaseException:
        streams.restore()
        raise
    # Not restored after this: a native library may still write its buffer when the process exits.
    run_stdio(server, streams=streams)
    return 0


def _claim_streams() -> ClaimedStreams:
    try:
        return ClaimedStreams.claim()
    except OSError:
        raise InputError("standard input and standard output must be open") from None


def _create_server(options: argparse.Namespace) -> Server[Any]:
    # The host keeps standard error as a log. Configured here, before the MCP SDK does it.
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    # The MCP SDK 1.x quotes invalid requests, which may be personal data, in the root logger.
    logging.getLogger().addFilter(lambda _: False)
    logging.getLogger("mcp").setLevel(logging.ERROR)
    try:
        create_server = _import_create_server()
    except ImportError as error:
        raise _unusable(error) from error
    scope = scope_of(options) or None
    return create_server(_client(options), scope=scope, read_only=options.read_only)


def _import_create_server() -> Callable[..., Server[Any]]:
    from memoryos.mcp import create_server

    return create_server


def _unusable(error: ImportError) -> Exception:
    """Return the error for a package that is missing, or that the MCP SDK can't use."""
    if isinstance(error, ModuleNotFoundError):  # a package that `mcp` depends on
        return missing_extra("mcp", _FEATURE, error)
    version = metadata.version("mcp")
    return InputError(
        f"the installed package mcp {version} can't be imported ({error}); install a newer one "
        "with: pip install --upgrade 'mcp>=1.19,<3'"
    )


def _client(options: argparse.Namespace) -> AsyncMemoryOS:
    from memoryos import AsyncMemoryOS
    from memoryos._local import async_local_transport
    from memoryos.mcp._server import TOOL_DEADLINE_SECONDS

    has_key = bool(os.environ.get(KEY_VARIABLE))
    if is_local(options) or not (has_key or options.base_url):
        path = local_path(options)
        if options.store:
            transport = async_local_transport(path, None, may_create=not options.read_only)
            return AsyncMemoryOS._on_transport(transport, path)  # noqa: SLF001
        if options.read_only and path is not None:
            existing_path(path)  # raises an error for a missing file
        return AsyncMemoryOS.local(path)
    if not has_key:
        raise InputError(f"--base-url needs a key, in {KEY_VARIABLE}")
    return AsyncMemoryOS(
        base_url=options.base_url, timeout=options.timeout, deadline=TOOL_DEADLINE_SECONDS
    )
