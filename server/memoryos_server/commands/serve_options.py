"""The options of `memoryos serve`, which are also those of `python -m memoryos_server`."""

from __future__ import annotations

import argparse
import ipaddress
import sys
from dataclasses import dataclass, field
from typing import Literal

from memoryos_server.embedders.registry import (
    EMBEDDER_VARIABLE,
    UnknownEmbedderError,
    default_name,
    embedder_name,
)
from memoryos_server.http.rate_limit import Rate, parse_rate
from memoryos_server.http.request_limits import MAX_BODY_BYTES, MAX_UNDER_WAY
from memoryos_server.stores.database_url import is_address

__all__ = [
    "ServeOptions",
    "add_arguments",
    "is_loopback",
    "read_embedder",
    "read_options",
    "store_url",
]

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
_HIGHEST_PORT = 65_535


@dataclass(frozen=True)
class ServeOptions:
    """Where to listen, what to serve, and how to say so."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    data: str | None = None
    store: str | None = field(default=None, repr=False)
    sync: Literal["normal", "full"] = "normal"
    embedder: str = "auto"
    rate_limit: Rate | None = None
    max_body_bytes: int = MAX_BODY_BYTES
    max_requests: int = MAX_UNDER_WAY
    allow_remote: bool = False
    json: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve` to `parser`."""
    parser.add_argument(
        "--host",
        default=DEFAULT_HOST,
        help="the address to listen on (default: %(default)s, which only this machine reaches)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="the port to listen on; 0 takes a free one (default: %(default)s)",
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data",
        metavar="FILE",
        help="the file that holds the memories, or :memory: for none "
        "(default: memories.db in your data folder, as MemoryOS.local() uses)",
    )
    place.add_argument(
        "--store",
        type=store_url,
        metavar="URL",
        help="the PostgreSQL database that holds the memories instead, such as "
        "postgresql://user@host/database; several servers may share it. The password is better "
        "left to PGPASSWORD or a password file, since other users see a command's arguments",
    )
    parser.add_argument(
        "--sync",
        choices=["normal", "full"],
        default="normal",
        help="full makes acknowledged writes to a file survive a power failure as well; it is "
        "slower (default: %(default)s)",
    )
    parser.add_argument(
        "--embedder",
        type=read_embedder,
        default=default_name(),
        metavar="NAME",
        help="what finds memories by meaning: minilm, a language model on this machine; openai, or "
        "ollama:MODEL, which send the texts there; python:MODULE:NAME, a function of yours; "
        "hashing, which only knows equal words, for tests; none, to search by words; auto is "
        "minilm where it is installed. A file or database stays with the embedder that filled it, "
        f"until `memoryos reembed` changes it (default: {EMBEDDER_VARIABLE}, else auto)",
    )
    _add_limits(parser)
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="allow a --host that other machines reach; the traffic is not encrypted",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print base_url, api_key and pid as one line of JSON, for programs",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rate-limit",
        type=_rate,
        metavar="RATE",
        help="how many requests each API key may make, such as 50/s, 600/min or 10000/h; "
        "more are refused with 429 (default: no limit)",
    )
    parser.add_argument(
        "--max-body-bytes",
        type=_positive,
        metavar="N",
        default=MAX_BODY_BYTES,
        help="how large a request's body may be; more is refused with 413 (default: %(default)s)",
    )
    parser.add_argument(
        "--max-requests",
        type=_positive,
        metavar="N",
        default=MAX_UNDER_WAY,
        help="how many requests may be under way; more are refused with 503 (default: %(default)s)",
    )


def read_options(namespace: argparse.Namespace) -> ServeOptions:
    """Return the options that `add_arguments` let `argparse` read."""
    return ServeOptions(
        host=namespace.host,
        port=namespace.port,
        data=namespace.data,
        store=namespace.store,
        sync=namespace.sync,
        embedder=namespace.embedder,
        rate_limit=namespace.rate_limit,
        max_body_bytes=namespace.max_body_bytes,
        max_requests=namespace.max_requests,
        allow_remote=namespace.allow_remote,
        json=namespace.json,
    )


def read_embedder(text: str) -> str:
    """Return `text`, the name of an embedder.

    Raises:
        argparse.ArgumentTypeError: it has the form of none.
    """
    try:
        return embedder_name(text)
    except UnknownEmbedderError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def store_url(text: str) -> str:
    """Return `text`, the URL of a database.

    Raises:
        argparse.ArgumentTypeError: it is none; `text` may hold a password, so it is not repeated.
    """
    if not is_address(text):
        raise argparse.ArgumentTypeError("must begin with postgresql://")
    return text


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches `host`, an address or a name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _rate(text: str) -> Rate:
    try:
        return parse_rate(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _positive(text: str) -> int:
    return _number(text, 1, sys.maxsize, "a whole number, 1 or more")


def _port(text: str) -> int:
    return _number(text, 0, _HIGHEST_PORT, f"a port: a number from 0 to {_HIGHEST_PORT}")


def _number(text: str, least: int, most: int, what: str) -> int:
    # More digits than the largest has are not read at all: Python refuses thousands of them.
    readable = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not readable or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"not {what}: {text}")
    return int(text)
