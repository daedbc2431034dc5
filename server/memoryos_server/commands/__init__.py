"""The server's own subcommands, for `memoryos` and `python -m memoryos_server`.

`COMMANDS` lists them. Each is a module of this package, imported when it is used, with two
functions: `configure(parser)` adds its options, and `run(options, output)` does its work and
returns the exit status. `configure` needs no installed package, so that `--help` always works.

This module runs on Python 3.8 and imports no installed package.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

from memoryos_server.requirements import (
    HTTP_PACKAGES,
    SERVICE_PACKAGES,
    MissingExtraError,
    missing_extra,
    require_packages,
    require_python,
)

if TYPE_CHECKING:
    import argparse
    from typing import Protocol

    from .output import Output

    class CommandModule(Protocol):
        """The module of a subcommand."""

        def configure(self, parser: argparse.ArgumentParser) -> None:
            """Add the command's options."""

        def run(self, options: argparse.Namespace, output: Output) -> int:
            """Do the command's work and return the exit status."""
            ...


__all__ = ["COMMANDS", "Command", "MissingExtraError", "configure", "run"]


class Command(NamedTuple):
    """A subcommand.

    Attributes:
        summary: What it does, in a few words.
        extra: The extra that installs its packages.
        packages: The packages that it can't run without, by the names they are imported by.
    """

    summary: str
    extra: str = "local"
    packages: tuple[str, ...] = SERVICE_PACKAGES


COMMANDS: dict[str, Command] = {
    "serve": Command(
        "run Memory OS on this machine, over HTTP", packages=SERVICE_PACKAGES + HTTP_PACKAGES
    ),
    "keys": Command("create, list and revoke the API keys of a local Memory OS"),
    "reembed": Command("change the embedder of a local Memory OS"),
    "migrate": Command("copy all data of a Memory OS to another file or database"),
    "backup": Command("copy a local Memory OS to one file while it runs"),
    "restore": Command("replace a local Memory OS with a backup"),
}
"""The subcommands by name, in the order of the help."""


def configure(name: str, parser: argparse.ArgumentParser) -> None:
    """Add a command's options to its parser.

    Raises:
        MissingExtraError: This Python is too old.
    """
    require_python(_feature(name))
    _module(name).configure(parser)


def run(name: str, options: argparse.Namespace, output: Output) -> int:
    """Run a command, report its errors in one line, and return the exit status.

    Args:
        name: The command's name in `COMMANDS`.
        options: The options that `configure` added.
        output: What the command writes to.

    Raises:
        MissingExtraError: This Python is too old, or a package is not installed.
    """
    command = COMMANDS[name]
    require_python(_feature(name))
    require_packages(_feature(name), command.extra, command.packages)
    from .error_reporting import run_reporting_errors

    try:
        return run_reporting_errors(name, options, output, _module(name).run)
    except MissingExtraError:
        raise
    except ImportError as error:  # a package that one of `packages` depends on
        raise missing_extra(_feature(name), command.extra, error) from error


def _feature(name: str) -> str:
    return f"memoryos {name}"


def _module(name: str) -> CommandModule:
    return cast("CommandModule", import_module(f"{__name__}.{name}"))
