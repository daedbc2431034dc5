"""Connect sockets within a deadline, on asyncio."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from typing import Any, Optional

from memoryos._transport.failures import ConnectError, ConnectTimeoutError


async def connect(host: str, port: int, deadline: float) -> socket.socket:
    """Return a non-blocking socket that is connected to the first address that answers.

    Args:
        host: A name or an address.
        port: The port.
        deadline: When to give up, by the monotonic clock.

    Raises:
        ConnectError: No address answered.
        ConnectTimeoutError: None did in time.
    """
    connecting = asyncio.ensure_future(_connect(host, port, deadline))
    try:
        # Not `wait_for`: before Python 3.12 it can swallow a cancellation.
        done, _pending = await asyncio.wait({connecting}, timeout=deadline - time.monotonic())
    except asyncio.CancelledError:
        _abandon(connecting)
        await asyncio.wait({connecting})  # so that nothing is under way when the call has ended
        raise
    except BaseException:
        _abandon(connecting)
        raise
    if not done:
        _abandon(connecting)
        raise ConnectTimeoutError("the time for connecting is over")
    try:
        return connecting.result()
    except asyncio.TimeoutError as cause:
        raise ConnectTimeoutError("the time for connecting is over") from cause
    except (OSError, UnicodeError) as cause:  # the latter for a name that IDNA rejects
        raise ConnectError(_reason(cause)) from cause


def _abandon(connecting: asyncio.Future[socket.socket]) -> None:
    """Cancel an attempt to connect; a socket that it still returns is closed."""
    connecting.add_done_callback(_discard)
    connecting.cancel()


def _discard(connecting: asyncio.Future[socket.socket]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()


def _reason(cause: Exception) -> str:
    """Return the system's reason, which asyncio replaces, so that both clients say the same."""
    if isinstance(cause, ConnectionError) and cause.errno is not None:
        return f"[Errno {cause.errno}] {os.strerror(cause.errno)}"
    return str(cause)


async def _connect(host: str, port: int, deadline: float) -> socket.socket:
    loop = asyncio.get_running_loop()
    failure: Optional[Exception] = None
    addresses = await _addresses(loop, host, port)
    for position, (family, kind, protocol, _name, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)  # noqa: FBT003 - the standard library's signature
            share = (deadline - time.monotonic()) / (len(addresses) - position)
            await asyncio.wait_for(loop.sock_connect(sock, address), max(share, 0.0))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, asyncio.TimeoutError) as cause:
            sock.close()
            failure = cause
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure or OSError(f"{host} has no address")


async def _addresses(loop: asyncio.AbstractEventLoop, host: str, port: int) -> Any:
    try:  # a literal address needs no look-up, and so no thread
        return socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
    except socket.gaierror:
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
