"""Which web pages may send requests to `/mcp`. Pure.

A browser names the page in the header `Origin`. MCP asks servers to check it, against pages that
reach a server in a private network by a name of their own (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["is_allowed_origin"]


def is_allowed_origin(
    origin: str, host: str, named: Collection[str], *, only_this_machine: bool
) -> bool:
    """Return whether a page of an origin may send a request.

    It may if its origin is named, if it comes from this server, or from this machine if only that
    reaches the server. "From this server" is what the host of the request says; a name says it by
    HTTPS only, whose certificate proves it.

    Args:
        origin: The header `Origin`, such as `https://app.example`.
        host: The header `Host` of the request, such as `127.0.0.1:7077`.
        named: The origins that the operator has named.
        only_this_machine: Whether only this machine can reach the server.
    """
    if origin in named:
        return True
    try:
        page = urlsplit(origin)
        name = page.hostname or ""
    except ValueError:
        return False
    if page.scheme not in {"http", "https"} or not name:
        return False
    if only_this_machine and _is_this_machine(name):
        return True
    is_proven = page.scheme == "https" or _is_address(name)
    return is_proven and page.netloc.lower() == host.lower()


def _is_this_machine(name: str) -> bool:
    return name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
