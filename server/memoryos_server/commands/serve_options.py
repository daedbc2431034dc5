"""The options of `memoryos serve`."""

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
from memoryos_server.http.request_limits import MAX_BODY_BYTES, MAX_CONCURRENT_REQUESTS

from .store_options import store_url

__all__ = [
    "ServeOptions",
    "add_arguments",
    "is_loopback",
    "read_embedder",
    "read_options",
]

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
_MAX_PORT = 65_535


@dataclass(frozen=True)
class ServeOptions:
    """The options of `memoryos serve`, parsed."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    data: str | None = None
    store: str | None = field(default=None, repr=False)
    sync: Literal["normal", "full"] = "normal"
    embedder: str = "auto"
    rate_limit: Rate | None = None
    max_body_bytes: int = MAX_BODY_BYTES
    max_requests: int = MAX_CONCURRENT_REQUESTS
    allow_remote: bool = False
    json: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve` to `parser`."""
    parser.add_argument(
        "--host",
        default=DEFAULT_HOST,
        help="the address to listen on (default: %(default)s, which only this machine can reach)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="the port to listen on; 0 picks a free one (default: %(default)s)",
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data",
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
    parser.add_argument(
        "--sync",
        choices=["normal", "full"],
        default="normal",
        help="full makes acknowledged writes to a file survive a power failure too, but is slower "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--embedder",
        type=read_embedder,
        default=default_name(),
        metavar="NAME",
        help="how to find memories by meaning: minilm, a language model for English on this "
        "machine; multilingual, one for many languages, of the extra [multilingual]; openai or "
        "ollama:MODEL, services that the texts are sent to; python:MODULE:NAME, your own function; "
        "hashing, which finds equal words only, for tests; none, to search by words; auto, which "
        "is minilm if it is installed. A file or database keeps the embedder that filled it until "
        f"`memoryos reembed` changes it (default: {EMBEDDER_VARIABLE}, else auto)",
    )
    _add_limits(parser)
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="allow a --host that other machines can reach; the traffic is not encrypted",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print base_url, api_key and pid as one line of JSON, for programs; api_key is null "
        "unless this start created the first key",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rate-limit",
        type=_rate,
        metavar="RATE",
        help="how many requests each API key may make, such as 50/s, 600/min or 10000/h; "
        "the server rejects others with 429 (default: no limit)",
    )
    parser.add_argument(
        "--max-body-bytes",
        type=_positive,
        metavar="N",
        default=MAX_BODY_BYTES,
        help="the maximum size of a request body, in bytes; the server rejects larger ones "
        "with 413 (default: %(default)s)",
    )
    parser.add_argument(
        "--max-requests",
        type=_positive,
        metavar="N",
        default=MAX_CONCURRENT_REQUESTS,
        help="how many requests the server handles at once; it rejects others with 503 "
        "(default: %(default)s)",
    )


def read_options(namespace: argparse.Namespace) -> ServeOptions:
    """Return the parsed options that `add_arguments` added."""
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
        argparse.ArgumentTypeError: It doesn't have the form of such a name.
    """
    try:
        return embedder_name(text)
    except UnknownEmbedderError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`, an address or a name."""
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
    return _number(text, 0, _MAX_PORT, f"a number from 0 to {_MAX_PORT}")


def _number(text: str, least: int, most: int, what: str) -> int:
    # Longer texts are not converted: int() raises on thousands of digits.
    readable = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not readable or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"must be {what}, not {text}")
    return int(text)
