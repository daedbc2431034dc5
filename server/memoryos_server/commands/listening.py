"""The socket that `memoryos serve` listens on, and its address."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket

from .serve_options import is_loopback

__all__ = ["StartError", "base_url", "listen", "refuse_remote"]

_BACKLOG_CONNECTIONS = 2048


class StartError(Exception):
    """The server can't start; the message says why, in one line."""


def refuse_remote(host: str, *, allowed: bool) -> None:
    """Check that only this machine can reach a host.

    Args:
        host: An address or a name.
        allowed: Whether other machines may reach it.

    Raises:
        StartError: Other machines can reach it, and that is not allowed; or it is empty.
    """
    if not host.strip():
        raise StartError("--host must not be empty; to listen on all addresses, use 0.0.0.0")
    if not is_loopback(host) and not allowed:
        raise StartError(
            f"other machines can reach {host}, and the traffic is not encrypted; "
            "to allow it, add --allow-remote"
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


def base_url(listener: socket.socket, host: str) -> str:
    """Return the base URL at which this machine reaches `listener`.

    Args:
        listener: The socket of the server.
        host: The host to listen on.
    """
    found, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(found)
    if address.is_unspecified:  # on all interfaces; the URL is for this machine
        found = "127.0.0.1" if address.version == 4 else "::1"
    elif host == "localhost":
        found = "localhost"
    return f"http://[{found}]:{port}/v1" if ":" in found else f"http://{found}:{port}/v1"
