"""`memoryos mcp --print-config`: the configuration for an AI application, and where it goes."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional
from urllib.parse import urlsplit

from memoryos._protocol.settings import (
    BASE_URL_VARIABLE,
    DEFAULT_TIMEOUT_SECONDS,
    KEY_VARIABLE,
)
from memoryos_server.commands.named_keys import NAMED_KEYS
from memoryos_server.commands.redaction import redact

from .command_runner import is_local, local_path
from .error_messages import InputError
from .file_names import expand_user
from .local_database import IN_MEMORY
from .mcp_configurations import APPLICATIONS, Application, Command, command_entry, http_entry
from .scope_options import scope_of

if TYPE_CHECKING:
    import argparse

    from .output.console import Console

__all__ = ["add_print_options", "print_configuration"]

_EMBEDDER_VARIABLE = "MEMORY_OS_EMBEDDER"


def add_print_options(parser: argparse.ArgumentParser) -> None:
    """Add `--print-config` and `--url`."""
    group = parser.add_argument_group("configuration of an AI application")
    group.add_argument(
        "--print-config",
        choices=list(APPLICATIONS),
        metavar="APP",
        help="print the configuration that starts this command with the other options given, and "
        f"on standard error where it goes; APP is {', '.join(APPLICATIONS)}",
    )
    group.add_argument(
        "--url",
        metavar="URL",
        help="with --print-config: connect to the MCP server at this address instead, such as "
        "https://memory.example.com/mcp of `memoryos serve`",
    )


def print_configuration(console: Console, options: argparse.Namespace) -> int:
    """Print the configuration and return the exit status.

    Raises:
        InputError: The application's configuration can't express the options.
    """
    application = APPLICATIONS[options.print_config]
    entry = _http(application, options) if options.url else _stdio(application, options)
    configuration = json.dumps(application.configuration(entry), indent=2)
    print(configuration)
    console.error(f"{application.title}: add this to {application.places}")
    if KEY_VARIABLE in configuration and not application.inputs:
        console.error(f"{KEY_VARIABLE} must be set where {application.title} is started.")
    return 0


def _stdio(application: Application, options: argparse.Namespace) -> Dict[str, Any]:
    has_key = bool(os.environ.get(KEY_VARIABLE))
    key_file: Optional[str] = options.key_file
    remote = not is_local(options) and bool(has_key or options.base_url or key_file)
    variable = BASE_URL_VARIABLE if remote else _EMBEDDER_VARIABLE
    value = "" if remote and options.base_url else os.environ.get(variable, "")
    words = [*_own_command(), "mcp", *_arguments(options)]
    environment = {variable: value} if value else {}
    _check_no_secret(options.store, options.base_url, value)
    _check_literal(application, *words, value)
    command = Command(words, remote and not key_file, environment)
    entry = command_entry(application, command)
    if entry is None:
        raise InputError(
            f"the configuration of {application.title} can't refer to {KEY_VARIABLE}: write the "
            "key into a file that only you can read, and add --key-file FILE"
        )
    return entry


def _http(application: Application, options: argparse.Namespace) -> Dict[str, Any]:
    given = _arguments(options)
    if given:
        raise InputError(
            f"--url can't be combined with {given[0].partition('=')[0]}: the server decides, by "
            "the tags and permissions of the key"
        )
    url: str = options.url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or not parts.path.strip("/"):
        raise InputError("--url must be a whole address, such as https://memory.example.com/mcp")
    _check_no_secret(url)
    _check_literal(application, url)
    entry = http_entry(application, url)
    if entry is None:
        raise InputError(
            f"the configuration of {application.title} can't refer to the key of a server over "
            "HTTP: leave out --url, and add --base-url with the address of the API, which ends in "
            "/v1, and --key-file FILE"
        )
    return entry


def _arguments(options: argparse.Namespace) -> List[str]:
    """Return the options again, with absolute paths: an application starts in another folder."""
    data: Optional[str] = options.data
    if is_local(options):
        local_path(options)  # raises for a file that can't be one
    named = {
        "--base-url": options.base_url,
        "--store": options.store,
        "--data": data if data == IN_MEMORY else _absolute(data),
        "--key-file": _absolute(options.key_file),
    }
    if options.timeout != DEFAULT_TIMEOUT_SECONDS:
        named["--timeout"] = f"{options.timeout:g}"
    scope = scope_of(options)
    for key in NAMED_KEYS:
        named[f"--{key}"] = scope.pop(key, None)
    flags = {"--read-only": options.read_only, "--local": options.local}
    arguments = [flag for flag, is_set in flags.items() if is_set]
    pairs = [*named.items(), *(("--scope", f"{key}={value}") for key, value in scope.items())]
    for name, value in pairs:
        if value:
            # A separate value must not look like an option.
            arguments += [f"{name}={value}"] if value.startswith("-") else [name, value]
    return arguments


def _absolute(path: Optional[str]) -> Optional[str]:
    return str(Path(expand_user(path)).absolute()) if path else None


def _own_command() -> List[str]:
    """Return the words that start this very program."""
    script = shutil.which(sys.argv[0])
    if script and Path(script).stem == "memoryos":
        return [str(Path(script).absolute())]
    return [sys.executable, "-m", "memoryos"]


def _check_no_secret(*values: Optional[str]) -> None:
    for value in values:
        if value and redact(value) != value:
            raise InputError(
                "a configuration must not contain a password or a key: put the password of a "
                "database into ~/.pgpass, and a key into a file for --key-file"
            )


def _check_literal(application: Application, *values: str) -> None:
    """Check that the application takes the values as they are; it may replace references."""
    for value in values:
        if application.key_reference is not None and "${" in value:
            raise InputError(
                f"{application.title} would replace what begins with `${{` in {value!r}: use "
                "another name"
            )
