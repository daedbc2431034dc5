"""Connect sockets within a deadline."""

from __future__ import annotations

import socket
import time
from typing import Optional

from memoryos._transport.failures import ConnectError, ConnectTimeoutError


def connect(host: str, port: int, deadline: float) -> socket.socket:
    """Return a non-blocking socket that is connected to the first address that answers.

    Args:
        host: A name or an address.
        port: The port.
        deadline: When to give up, by the monotonic clock. Looking up a name is not bounded.

    Raises:
        ConnectError: No address answered.
        ConnectTimeoutError: None did in time.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as cause:  # the latter for a name that IDNA rejects
        raise ConnectError(str(cause)) from cause
    failure: Optional[OSError] = None
    for position, (family, kind, protocol, _name, address) in enumerate(addresses):
        left = deadline - time.monotonic()
        if left <= 0:
            raise ConnectTimeoutError("the time for connecting is over")
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(left / (len(addresses) - position))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
        except OSError as cause:
            sock.close()
            failure = cause
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    if isinstance(failure, socket.timeout):
        raise ConnectTimeoutError("the time for connecting is over") from failure
    raise ConnectError(str(failure)) from failure
