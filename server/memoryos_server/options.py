"""The options of `memoryos serve`, which are also those of `python -m memoryos_server`."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import argparse

__all__ = ["ServeOptions", "add_arguments", "is_loopback", "read_options"]

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
_HIGHEST_PORT = 65_535


@dataclass(frozen=True)
class ServeOptions:
    """Where to listen, what to serve, and how to say so."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    data: str | None = None
    sync: Literal["normal", "full"] = "normal"
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
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="the file that holds the memories, or :memory: for none "
        "(default: memories.db in your data folder, as MemoryOS.local() uses)",
    )
    parser.add_argument(
        "--sync",
        choices=["normal", "full"],
        default="normal",
        help="full makes acknowledged writes survive a power failure as well; it is slower "
        "(default: %(default)s)",
    )
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


def read_options(namespace: argparse.Namespace) -> ServeOptions:
    """Return the options that `add_arguments` let `argparse` read."""
    return ServeOptions(
        host=namespace.host,
        port=namespace.port,
        data=namespace.data,
        sync=namespace.sync,
        allow_remote=namespace.allow_remote,
        json=namespace.json,
    )


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches `host`, an address or a name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _HIGHEST_PORT:
        raise ValueError(text)
    return port
