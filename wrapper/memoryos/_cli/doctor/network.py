"""The way to the service: its name, a connection, its certificate."""

from __future__ import annotations

import os
import socket
import ssl
from datetime import datetime, timezone
from typing import Iterator, Tuple
from urllib.parse import urlsplit

from memoryos._transport.proxies import is_proxy_configured
from memoryos._transport.tls import advice, default_context

from .findings import Finding, certificate, ok, problem, skipped

__all__ = ["check_network"]


def check_network(base_url: str, timeout: float) -> Iterator[Finding]:
    """Yield what stands between here and the service; the last one is a problem where it ends."""
    if is_proxy_configured(os.environ):
        yield skipped("network", "a proxy is set: name, connection and certificate are its matter")
        return
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        yield problem(
            "network",
            f"no address for {host}: {error.strerror or error}",
            "a typing error in the address, or no DNS: is this machine online?",
        )
        return
    yield from _connect((host, port), len(found), timeout, tls=parts.scheme == "https")


def _connect(
    where: Tuple[str, int], addresses: int, timeout: float, *, tls: bool
) -> Iterator[Finding]:
    try:
        with socket.create_connection(where, timeout) as connection:
            peer = connection.getpeername()[0]
            yield ok("network", f"{_named(where[0], peer, addresses)}: port {where[1]} is open")
            yield _handshake(connection, where[0]) if tls else skipped("TLS", "plain http")
    except OSError as error:
        yield problem(
            "network",
            f"no connection to {where[0]} port {where[1]}: {error.strerror or error}",
            "does the service run, and does a firewall let you through? "
            "(`memoryos serve` runs one on this machine)",
        )


def _named(host: str, peer: str, addresses: int) -> str:
    """Return which address was reached, where the name of the host leaves that open."""
    if host == peer:
        return host
    return f"{host} is {peer}{f', one of {addresses} addresses' if addresses > 1 else ''}"


def _handshake(connection: socket.socket, host: str) -> Finding:
    context = default_context(os.environ)
    try:
        with context.wrap_socket(connection, server_hostname=host) as secured:
            known = secured.getpeercert() or {}
            until = ssl.cert_time_to_seconds(str(known.get("notAfter")))
            return certificate(
                datetime.fromtimestamp(until, timezone.utc),
                secured.version(),
                datetime.now(timezone.utc),
            )
    except ssl.SSLCertVerificationError as error:
        what_to_do = advice(error).lstrip("; ") or "whoever runs the service has to put it right"
        return problem("TLS", f"the certificate is refused: {error.verify_message}", what_to_do)
    except OSError as error:
        return problem(
            "TLS",
            f"no TLS there: {error.strerror or error}",
            "is it a plain http service? see the address",
        )
