"""The socket that `memoryos serve` listens on, and its address."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memoryos_server.http.certificate import Certificate

__all__ = ["StartError", "base_url", "describe_address", "is_loopback", "listen", "refuse_remote"]

_BACKLOG_CONNECTIONS = 2048


class StartError(Exception):
    """The server can't start; the message says why, in one line."""


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`, an address or a name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_remote(host: str, *, allowed: bool, is_encrypted: bool = False) -> None:
    """Check that only this machine can reach a host.

    Args:
        host: An address or a name.
        allowed: Whether other machines may reach it.
        is_encrypted: Whether the server speaks HTTPS.

    Raises:
        StartError: Other machines can reach it, and that is not allowed; or it is empty.
    """
    if not host.strip():
        raise StartError("--host must not be empty; to listen on all addresses, use 0.0.0.0")
    if not is_loopback(host) and not allowed:
        raise StartError(
            f"other machines can reach {host}; to allow it, add --allow-remote"
            if is_encrypted
            else f"other machines can reach {host}, and the traffic is not encrypted; to allow it, "
            "add --allow-remote; to encrypt it, add --tls-cert and --tls-key"
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that accepts connections already, so that its address can be shown at once.

    Args:
        host: An address, or a name; if it has several addresses, the first is used.
        port: The port; 0 picks a free one.

    Raises:
        StartError: The server can't listen there.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # socket.create_server doesn't set the protocol, so asyncio doesn't recognise TCP and leaves
        # Nagle's algorithm on, which delays each response by 40 ms.
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise StartError(_why_not_listening(error, host, port)) from error
    try:
        if os.name == "posix":  # on Windows it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG_CONNECTIONS)
    except OSError as error:
        listener.close()
        raise StartError(_why_not_listening(error, host, port)) from error
    return listener


def _why_not_listening(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or a free one with --port 0"
    if error.errno == errno.EACCES:
        return f"port {port} needs special permissions; choose one from 1024 upwards with --port"
    return f"can't listen on {host} port {port}: {error.strerror or error}"


def base_url(listener: socket.socket, host: str, certificate: Certificate | None = None) -> str:
    """Return the base URL at which clients reach `listener`.

    If it listens on all interfaces, that is an address which other machines can use, too, where
    this machine has one. With TLS, it is a name in the certificate unless that has the address.

    Args:
        listener: The socket of the server.
        host: The host to listen on.
        certificate: The certificate of the server, if it speaks HTTPS.
    """
    found = str(listener.getsockname()[0])
    if _is_unspecified(listener):
        found = _outward_address(listener) or _loopback(listener)
    elif host == "localhost":
        found = "localhost"
    if certificate is None:
        return _url("http", found, listener)
    return _url("https", _name_to_verify(found, certificate), listener)


def _name_to_verify(host: str, certificate: Certificate) -> str:
    """Return `host`, or a name that clients find in the certificate if that lacks `host`."""
    names = [name for name in certificate.dns_names if not name.startswith("*")]
    if host in (*names, *certificate.addresses) or not names:
        return host
    return "localhost" if is_loopback(host) and "localhost" in names else names[0]


def describe_address(listener: socket.socket, *, is_encrypted: bool = False) -> str | None:
    """Return what people should know if `listener` listens on all interfaces, otherwise None."""
    if not _is_unspecified(listener):
        return None
    address, port = listener.getsockname()[:2]
    everywhere = f"all interfaces ({address}), port {port}"
    if is_encrypted:  # the certificate is hardly for the address of the loopback
        return everywhere
    return f"{everywhere}; on this machine also {_url('http', _loopback(listener), listener)}"


def _url(scheme: str, host: str, listener: socket.socket) -> str:
    # RFC 6874: the percent sign before the zone of a link-local address is encoded.
    shown = f"[{host.replace('%', '%25')}]" if ":" in host else host
    return f"{scheme}://{shown}:{listener.getsockname()[1]}/v1"


def _is_unspecified(listener: socket.socket) -> bool:
    return ipaddress.ip_address(listener.getsockname()[0]).is_unspecified


def _loopback(listener: socket.socket) -> str:
    return "127.0.0.1" if listener.family == socket.AF_INET else "::1"


def _outward_address(listener: socket.socket) -> str | None:
    """Return the address from which this machine would reach others, or None without a network."""
    # Connecting a UDP socket chooses a route and sends nothing. The addresses are for documentation
    # (RFC 5737, RFC 3849), so nobody has them.
    targets = [(socket.AF_INET, "192.0.2.1")]
    if listener.family == socket.AF_INET6:
        targets.insert(0, (socket.AF_INET6, "2001:db8::1"))
        if listener.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY):
            targets.pop()
    for family, target in targets:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, 9))
            return str(probe.getsockname()[0])
    return None
