"""The socket that the local Memory OS listens on."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket

from .serve_options import is_loopback

__all__ = ["StartError", "base_url", "listen", "refuse_remote"]

_BACKLOG = 2048


class StartError(Exception):
    """Why the server can't start, in one helpful line."""


def refuse_remote(host: str, *, allowed: bool) -> None:
    """Refuse a host that other machines reach, unless that is `allowed`.

    Raises:
        StartError: says which flag allows it.
    """
    if not is_loopback(host) and not allowed:
        raise StartError(
            f"{host} can be reached from other machines, and the traffic is not encrypted; "
            "if that is what you want, add --allow-remote"
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that already takes connections, so that its address can be told at once.

    Args:
        host: an address, or a name; of several addresses the first counts.
        port: 0 for a free one.

    Raises:
        StartError: nothing can listen there.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # socket.create_server leaves the protocol open, and asyncio then takes its connections for
        # something other than TCP: Nagle's algorithm stays on, and holds each answer for 40 ms.
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise StartError(_why_not_listening(error, host, port)) from error
    try:
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise StartError(_why_not_listening(error, host, port)) from error
    return listener


def _why_not_listening(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or a free one with --port 0"
    if error.errno == errno.EACCES:
        return f"port {port} needs special rights; choose one from 1024 upwards with --port"
    return f"can't listen on {host} port {port}: {error.strerror or error}"


def base_url(listener: socket.socket, host: str) -> str:
    """Return where this machine reaches `listener`, which was asked to listen on `host`."""
    found, port = listener.getsockname()[:2]
    address = ipaddress.ip_address(found)
    if address.is_unspecified:  # listens everywhere; this machine is the one that reads the line
        found = "127.0.0.1" if address.version == 4 else "::1"
    elif host == "localhost":
        found = "localhost"
    return f"http://[{found}]:{port}/v1" if ":" in found else f"http://{found}:{port}/v1"
