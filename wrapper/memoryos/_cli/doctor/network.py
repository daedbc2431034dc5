"""Check the network: proxy, name resolution, connection and TLS certificate."""

from __future__ import annotations

import os
import socket
import ssl
from datetime import datetime, timezone
from typing import Iterator, Tuple
from urllib.parse import urlsplit

from memoryos._transport.proxies import Proxy, ProxyError, check_usable, proxy_for
from memoryos._transport.tls import advice, default_context

from .findings import Finding, check_certificate, ok, problem, skipped

__all__ = ["check_network"]


def check_network(base_url: str, timeout: float) -> Iterator[Finding]:
    """Connect to the service. If that fails, the last finding is a problem.

    Args:
        base_url: Base URL of the API.
        timeout: Seconds to wait for the connection.
    """
    try:
        proxy = proxy_for(base_url, os.environ)
        if proxy is not None:
            check_usable(proxy)
    except ProxyError as error:
        yield problem("proxy", str(error), "correct the variable, or unset it")
        return
    if proxy is not None:
        yield _check_proxy(proxy, urlsplit(base_url).hostname or "", timeout)
        yield skipped("network", "requests go through the proxy")
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
            "check the address for typing errors, and whether this machine is online",
        )
        return
    yield from _connect((host, port), len(found), timeout, tls=parts.scheme == "https")


def _check_proxy(proxy: Proxy, host: str, timeout: float) -> Finding:
    """Connect to the proxy that requests to a host go through."""
    try:
        with socket.create_connection((proxy.host, proxy.port), timeout):
            return ok("proxy", f"{proxy.address} of {proxy.source}: port {proxy.port} is open")
    except OSError as error:
        return problem(
            "proxy",
            f"no connection to {proxy.description}: {error.strerror or error}",
            f"correct {proxy.source}, or add {host} to NO_PROXY to connect directly",
        )


def _connect(
    address: Tuple[str, int], candidates: int, timeout: float, *, tls: bool
) -> Iterator[Finding]:
    try:
        with socket.create_connection(address, timeout) as connection:
            peer = connection.getpeername()[0]
            yield ok(
                "network",
                f"{_host_and_peer(address[0], peer, candidates)}: port {address[1]} is open",
            )
            yield _handshake(connection, address[0]) if tls else skipped("TLS", "plain http")
    except OSError as error:
        yield problem(
            "network",
            f"no connection to {address[0]} port {address[1]}: {error.strerror or error}",
            "check that the service is running and that no firewall blocks the connection "
            "(`memoryos serve` starts one on this machine)",
        )


def _host_and_peer(host: str, peer: str, candidates: int) -> str:
    """Return the host name and, if it differs, the IP address that was reached."""
    if host == peer:
        return host
    return f"{host} is {peer}{f', one of {candidates} addresses' if candidates > 1 else ''}"


def _handshake(connection: socket.socket, host: str) -> Finding:
    context = default_context(os.environ)
    try:
        with context.wrap_socket(connection, server_hostname=host) as secured:
            details = secured.getpeercert() or {}
            expires = ssl.cert_time_to_seconds(str(details.get("notAfter")))
            return check_certificate(
                datetime.fromtimestamp(expires, timezone.utc),
                secured.version(),
                datetime.now(timezone.utc),
            )
    except ssl.SSLCertVerificationError as error:
        what_to_do = advice(error).lstrip("; ") or "the service's operator must fix the certificate"
        return problem("TLS", f"the certificate is invalid: {error.verify_message}", what_to_do)
    except OSError as error:
        return problem(
            "TLS",
            f"the server doesn't use TLS: {error.strerror or error}",
            "if the service uses plain HTTP, change the address to http://",
        )
