"""Match a host against NO_PROXY."""

from __future__ import annotations

import ipaddress
import re
from typing import Optional, Tuple, Union

_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


def is_exempt(host: str, port: int, scheme: str, no_proxy: str) -> bool:
    """Return whether requests to a host are sent directly.

    Items are separated by commas or spaces. An item is `*`, a host name (which includes its
    subdomains, with or without a leading dot), an IP address, or a network in CIDR notation. It may
    have a port, and a scheme before it. Invalid items are ignored.

    Args:
        host: The host, without brackets.
        port: The port.
        scheme: `http` or `https`.
        no_proxy: The value of the variable.
    """
    address = _address(host)
    name = _canonical(host)
    return any(
        _matches(item, name, address, port, scheme)
        for item in re.split(r"[,\s]+", no_proxy)
        if item
    )


def _matches(item: str, name: str, address: Optional[_Address], port: int, scheme: str) -> bool:
    prefix, separator, rest = item.partition("://")
    if separator:
        if prefix.lower() not in (scheme, "all"):
            return False
        item = rest
    host, own_port = _split_port(item)
    if own_port is not None and own_port != port:
        return False
    if host == "*":
        return True
    if address is not None:
        return _contains(host, address)
    suffix = _canonical(host[1:] if host.startswith("*.") else host).lstrip(".")
    return bool(suffix) and (name == suffix or name.endswith(f".{suffix}"))


def _split_port(item: str) -> Tuple[str, Optional[int]]:
    """Return the host and the port of an item; an IPv6 address with a port needs brackets."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](/[0-9]+)?(?::([0-9]{1,5}))?", item)
    if bracketed:
        host = bracketed[1] + (bracketed[2] or "")
        return host, None if bracketed[3] is None else int(bracketed[3])
    with_port = re.fullmatch(r"([^:]*):([0-9]{1,5})", item)
    return (with_port[1], int(with_port[2])) if with_port else (item, None)


def _contains(item: str, address: _Address) -> bool:
    """Return whether an IP address is the one of an item, or in its network."""
    try:
        network = ipaddress.ip_network(_without_zone(item), strict=False)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address in network or (mapped is not None and mapped in network)


def _address(host: str) -> Optional[_Address]:
    try:
        return ipaddress.ip_address(_without_zone(host))
    except ValueError:
        return None


def _without_zone(host: str) -> str:
    return host.partition("%")[0] if ":" in host else host


def _canonical(host: str) -> str:
    """Return a host name in lower case and IDNA, without a dot at the end."""
    name = host.lower().rstrip(".")
    if name.isascii():
        return name
    import idna

    try:
        return idna.encode(name.lstrip("."), uts46=True).decode("ascii")
    except idna.IDNAError:
        return name
