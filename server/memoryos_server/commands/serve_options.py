"""The options of `memoryos serve`."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from memoryos_server.http.rate_limit import Rate
from memoryos_server.http.request_limits import MAX_BODY_BYTES, MAX_CONCURRENT_REQUESTS

from . import option_values
from .configuration import (
    LIST,
    TABLE,
    combined,
    environment_values,
    file_path,
    file_values,
    is_readable_by_everyone,
    misspelt_variables,
    read_toml,
    variable,
)
from .logging_setup import DEFAULT_LEVEL as DEFAULT_LOG_LEVEL
from .logging_setup import LEVELS as LOG_LEVELS
from .redaction import redact
from .store_options import store_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "DEFAULT_KEPT_BACKUPS",
    "ServeOptions",
    "add_arguments",
    "options_by_name",
    "read_options",
]

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
DEFAULT_FAILED_AUTH_LIMIT = Rate(60, 60.0)
DEFAULT_BACKUP_INTERVAL = timedelta(days=1)
DEFAULT_KEPT_BACKUPS = 7
_CONFIG = "config"
_EXCLUSIVE = (("data", "store"), ("print_key", "no_key"))
_CONFIGURATION = (
    "Every option can also be set in the environment or in a file: --some-name as "
    f"{variable('some_name')}, or as some_name in the file. The command line comes before the "
    "environment, and that before the file."
)


@dataclass(frozen=True)
class ServeOptions:
    """The options of `memoryos serve`, parsed. The fields have the names of the options."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    allow_remote: bool = False
    tls_cert: str | None = None
    tls_key: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    workers: int = 1
    data: str | None = None
    store: str | None = field(default=None, repr=False)
    sync: Literal["normal", "full"] = "normal"
    embedder: str = "auto"
    key_file: str | None = None
    print_key: bool = False
    no_key: bool = False
    rate_limit: Rate | None = None
    failed_auth_limit: Rate = DEFAULT_FAILED_AUTH_LIMIT
    max_body_bytes: int = MAX_BODY_BYTES
    max_requests: int = MAX_CONCURRENT_REQUESTS
    backup_dir: str | None = None
    backup_every: timedelta = DEFAULT_BACKUP_INTERVAL
    backup_keep: int = DEFAULT_KEPT_BACKUPS
    no_mcp: bool = False
    metrics_token_file: str | None = None
    log: str = DEFAULT_LOG_LEVEL
    log_format: Literal["text", "json"] = "text"
    json: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve` to `parser`.

    They have no defaults there: an option that is not given may be in the environment, or in the
    file of `--config`.
    """
    parser.argument_default = argparse.SUPPRESS
    _add_configuration(parser.add_argument_group("configuration", _CONFIGURATION))
    _add_address(parser.add_argument_group("address"))
    _add_memories(parser.add_argument_group("memories"))
    _add_keys(parser.add_argument_group("keys"))
    _add_limits(parser.add_argument_group("limits"))
    _add_backups(parser.add_argument_group("backups"))
    _add_endpoints(parser.add_argument_group("endpoints and log"))
    parser.add_argument(
        "--json",
        action="store_true",
        help="print base_url, api_key_file and pid as one line of JSON, for programs; "
        "api_key_file is null if there is no file with a valid key",
    )


def _add_configuration(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        f"--{_CONFIG}",
        type=file_path,
        metavar="FILE",
        help=f"a TOML file with options in the table [{TABLE}] (default: none)",
    )


def _add_address(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--host",
        help="the address to listen on; only this machine can reach the default "
        f"(default: {ServeOptions.host})",
    )
    group.add_argument(
        "--port",
        type=option_values.port,
        help=f"the port to listen on; 0 picks a free one (default: {ServeOptions.port})",
    )
    group.add_argument(
        "--allow-remote",
        action="store_true",
        help="allow a --host that other machines can reach; without --tls-cert the traffic is not "
        "encrypted",
    )
    group.add_argument(
        "--tls-cert",
        type=file_path,
        metavar="FILE",
        help="the certificate chain in PEM format, to serve HTTPS",
    )
    group.add_argument(
        "--tls-key",
        type=file_path,
        metavar="FILE",
        help="the private key of --tls-cert in PEM format, without a password (default: in the "
        "file of --tls-cert)",
    )
    group.add_argument(
        "--trusted-proxies",
        type=option_values.networks,
        metavar=LIST,
        help="addresses and networks of reverse proxies, separated by commas, such as "
        "127.0.0.1,10.0.0.0/8: their X-Forwarded-For and X-Forwarded-Proto headers are believed, "
        "those of others are ignored (default: none)",
    )
    group.add_argument(
        "--cors-origins",
        type=option_values.origins,
        metavar=LIST,
        help="origins of web pages whose scripts may call this server (CORS), separated by commas, "
        "such as https://app.example (default: none)",
    )
    group.add_argument(
        "--workers",
        type=option_values.workers,
        metavar="N",
        help="how many processes serve the address; more than one needs --store. Each has its own "
        "embedder, connections to the database and limits: --rate-limit, --failed-auth-limit and "
        f"--max-requests count in each of them (default: {ServeOptions.workers})",
    )


def _add_memories(group: argparse._ArgumentGroup) -> None:
    place = group.add_mutually_exclusive_group()
    place.add_argument(
        "--data",
        type=file_path,
        metavar="FILE",
        help="the file that holds the memories, or :memory: to keep them in memory only "
        "(default: memories.db in your data folder, the file of MemoryOS.local())",
    )
    place.add_argument(
        "--store",
        type=store_url,
        metavar="URL",
        help="the PostgreSQL database that holds the memories instead, such as "
        "postgresql://user@host/database; several servers can share it. Put the password into "
        "PGPASSWORD or a password file, because other users can see a command's arguments",
    )
    group.add_argument(
        "--sync",
        choices=["normal", "full"],
        help="full makes acknowledged writes to a file survive a power failure too, but is slower "
        f"(default: {ServeOptions.sync})",
    )
    group.add_argument(
        "--embedder",
        type=option_values.embedder,
        metavar="NAME",
        help="how to find memories by meaning: minilm, a language model for English on this "
        "machine; multilingual, one for many languages, of the extra [multilingual]; openai or "
        "ollama:MODEL, services that the texts are sent to; python:MODULE:NAME, your own function; "
        "hashing, which finds equal words only, for tests; none, to search by words; auto, which "
        "is minilm if it is installed. A file or database keeps the embedder that filled it until "
        f"`memoryos reembed` changes it (default: {ServeOptions.embedder})",
    )


def _add_keys(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--key-file",
        type=file_path,
        metavar="FILE",
        help="where the first API key is written, readable by you only (default: beside the file "
        "of --data, with .key added to its name; for --store, in your data folder)",
    )
    made = group.add_mutually_exclusive_group()
    made.add_argument(
        "--print-key",
        action="store_true",
        help="print the first API key as well when this start makes it; on a terminal it is "
        "printed anyway, with --json never",
    )
    made.add_argument(
        "--no-key",
        action="store_true",
        help="make no API key where there is none; `memoryos keys create` makes keys",
    )


def _add_limits(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--rate-limit",
        type=option_values.rate,
        metavar="RATE",
        help="how many requests each API key may make, such as 50/s, 600/min or 10000/h; "
        "the server rejects others with 429 (default: no limit)",
    )
    group.add_argument(
        "--failed-auth-limit",
        type=option_values.rate,
        metavar="RATE",
        help="how many requests with a wrong API key one address may make; after that the server "
        "checks no unknown key of this address and answers 429 (default: 60/min)",
    )
    group.add_argument(
        "--max-body-bytes",
        type=option_values.positive,
        metavar="N",
        help="the maximum size of a request body, in bytes; the server rejects larger ones "
        f"with 413 (default: {ServeOptions.max_body_bytes})",
    )
    group.add_argument(
        "--max-requests",
        type=option_values.positive,
        metavar="N",
        help="how many requests the server handles at once; it rejects others with 503 "
        f"(default: {ServeOptions.max_requests})",
    )


def _add_backups(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--backup-dir",
        type=file_path,
        metavar="FOLDER",
        help="the folder to write backups to while the server runs (default: no backups)",
    )
    group.add_argument(
        "--backup-every",
        type=option_values.interval,
        metavar="TIME",
        help="the time from one backup to the next, such as 6h or 1d (default: 1d)",
    )
    group.add_argument(
        "--backup-keep",
        type=option_values.positive,
        metavar="N",
        help="how many of the newest backups in --backup-dir to keep "
        f"(default: {ServeOptions.backup_keep})",
    )


def _add_endpoints(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--no-mcp",
        action="store_true",
        help="don't serve the Model Context Protocol at /mcp",
    )
    group.add_argument(
        "--metrics-token-file",
        type=file_path,
        metavar="FILE",
        help="a file with the token that /metrics asks for, as a bearer token (default: /metrics "
        "needs no token)",
    )
    group.add_argument(
        "--log",
        type=str.lower,
        choices=list(LOG_LEVELS),
        help="what to log on standard error: info has a line for each request, without content "
        f"(default: {ServeOptions.log})",
    )
    group.add_argument(
        "--log-format",
        choices=["text", "json"],
        help="how a log line is written; json is one object per line "
        f"(default: {ServeOptions.log_format})",
    )


def read_options(
    namespace: argparse.Namespace,
    environ: Mapping[str, str] = MappingProxyType({}),
    warn: Callable[[str], None] = lambda _: None,
) -> ServeOptions:
    """Return the options of the command line, the environment and the file of `--config`.

    In this order: an option that is in several of them is taken from the first.

    Args:
        namespace: The options of the command line, which `add_arguments` added.
        environ: The environment variables.
        warn: Called with a sentence about each doubtful variable or file.

    Raises:
        UsageError: A variable or the file has an invalid value, or the file can't be read.
    """
    options = options_by_name()
    for sentence in misspelt_variables(options, environ):
        warn(sentence)
    given = {name: value for name, value in vars(namespace).items() if name in options}
    variables = environment_values(options, _EXCLUSIVE, environ)
    file = combined((), variables, given).get(_CONFIG)
    del options[_CONFIG]
    in_file = {} if file is None else _file_values(options, file, warn)
    values = combined(_EXCLUSIVE, in_file, variables, given)
    values.pop(_CONFIG, None)
    return ServeOptions(**values)


def options_by_name() -> dict[str, argparse.Action]:
    """Return the options of `serve`, by their names in `ServeOptions`, and `config`."""
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    return {action.dest: action for action in parser._actions}  # noqa: SLF001 - nothing public


def _file_values(
    options: Mapping[str, argparse.Action], file: str, warn: Callable[[str], None]
) -> dict[str, Any]:
    values = file_values(options, _EXCLUSIVE, read_toml(file), TABLE, file)
    store = values.get("store", "")
    if redact(store) != store and is_readable_by_everyone(file):
        warn(f"{file} has a password in store, and every user can read it: run chmod o-r on it")
    return values
