"""The client's address and scheme as a trusted reverse proxy forwards them.

`X-Forwarded-For` lists addresses; each proxy appends the one that it was called from. Anybody can
send the header, so it is read from its end, as far as the addresses are those of trusted proxies.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from .asgi import Receive, Scope, Send

    _Application = Callable[[Scope, Receive, Send], Awaitable[None]]
    _Address = ipaddress.IPv4Address | ipaddress.IPv6Address

__all__ = ["ForwardedHeaders", "TrustedProxies"]

_MAX_PROXIES = 20
"""Number of addresses that are read from the end of the header."""


class TrustedProxies:
    """The addresses of proxies whose headers are believed.

    Args:
        networks: Addresses and networks, such as `10.0.0.0/8`.

    Raises:
        ValueError: One is neither; the message says which.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [_parse_network(text) for text in networks]

    def __contains__(self, address: str) -> bool:
        """Return whether an address is one of a trusted proxy."""
        parsed = _parse_address(address)
        return parsed is not None and self._trusts(parsed)

    def find_client(self, peer: str, forwarded_for: str) -> str:
        """Return the address of the client: the last one that is not a trusted proxy's.

        Args:
            peer: The address that the connection comes from.
            forwarded_for: The values of the header `X-Forwarded-For`, joined by commas.
        """
        client = peer
        for text in reversed(forwarded_for.rsplit(",", _MAX_PROXIES)[-_MAX_PROXIES:]):
            address = _parse_address(text)
            if address is None:  # then what is before it is not reliable either
                return client
            client = str(address)
            if not self._trusts(address):
                return client
        return client

    def _trusts(self, address: _Address) -> bool:
        return any(address in network for network in self._networks)


class ForwardedHeaders:
    """ASGI application that replaces the client and the scheme of requests from trusted proxies.

    Args:
        application: Handles the requests.
        proxies: The trusted proxies.
    """

    def __init__(self, application: _Application, proxies: TrustedProxies) -> None:
        self._application = application
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        peer = (scope.get("client") or ("",))[0]
        if scope["type"] == "http" and peer in self._proxies:
            client = self._proxies.find_client(peer, _joined(scope, b"x-forwarded-for"))
            if client != peer:
                scope = {**scope, "client": (client, 0)}
            scheme = _joined(scope, b"x-forwarded-proto").lower()
            if scheme in ("http", "https"):
                scope = {**scope, "scheme": scheme}
        await self._application(scope, receive, send)


def _joined(scope: Scope, name: bytes) -> str:
    return b",".join(value for key, value in scope["headers"] if key == name).decode("latin-1")


def _parse_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(
            f"must be addresses or networks such as 127.0.0.1,10.0.0.0/8, not {text}: {error}"
        ) from None


def _parse_address(text: str) -> _Address | None:
    """Return an address that may have brackets and a port, or None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A socket for IPv6 and IPv4 reports IPv4 addresses in this form.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
