"""The limit of requests with invalid API keys, by the address of the client."""

from __future__ import annotations

import ipaddress
import threading
import time
from typing import TYPE_CHECKING

from .rate_limit import Bucket, Rate, take

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FailedAuthentications"]

MAX_NETWORKS = 10_000
"""Number of networks that are remembered. At the limit, the one that failed longest ago is not."""

_INTERFACE_BITS = 64
"""A client of IPv6 usually has a network with 2^64 addresses to itself."""


class FailedAuthentications:
    """Counts the requests with invalid keys of each client within this process. Thread-safe.

    Args:
        rate: Maximum rate of such requests from one IPv4 address, or one IPv6 network of 64 bits.
        clock: Returns monotonic time in seconds.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[int, Bucket] = {}

    def wait_seconds(self, address: str) -> float:
        """Return the seconds until a key from `address` may be checked again, or 0.

        Args:
            address: IP address of the client. All that are none count as one.
        """
        with self._lock:
            bucket = self._buckets.get(_network(address))
            return take(bucket, self._rate, self._clock())[1]

    def count(self, address: str) -> None:
        """Count a request from `address` whose key isn't valid."""
        network = _network(address)
        with self._lock:
            bucket = self._buckets.pop(network, None)
            if len(self._buckets) >= MAX_NETWORKS:
                del self._buckets[next(iter(self._buckets))]
            self._buckets[network], _ = take(bucket, self._rate, self._clock())


def _network(address: str) -> int:
    """Return a number for the client's IPv4 address or IPv6 network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has no address
        return -1
    if isinstance(parsed, ipaddress.IPv4Address):
        return int(parsed)
    if parsed.ipv4_mapped is not None:
        return int(parsed.ipv4_mapped)
    return int(parsed) >> _INTERFACE_BITS << _INTERFACE_BITS
