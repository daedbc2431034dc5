"""Request bodies: reading them within limits, or discarding them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .connection_limits import EARLY_BODY_SECONDS, MAX_DISCARDED_BODY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .asgi import Receive

    Headers = Iterable[tuple[bytes, bytes]]

__all__ = ["BodyReader", "declared_length", "expects_continue", "has_body", "is_ambiguous"]

_MAX_LENGTH_DIGITS = 19


class BodyReader:
    """Reads the body of one request.

    Args:
        receive: The ASGI callable.
        headers: Headers of the request.
        limit: Maximum length in bytes; of a longer body, `limit` + 1 bytes are kept.

    Attributes:
        content: The bytes that were received and kept.
        received_bytes: Number of bytes received.
        complete: Whether the whole body was received.
        disconnected: Whether the client disconnected before the end.
    """

    def __init__(self, receive: Receive, headers: Headers, limit: int) -> None:
        self._receive = receive
        self._expects_continue = expects_continue(headers)
        self._limit = limit
        self.content = bytearray()
        self.received_bytes = 0
        self.complete = False
        self.disconnected = False

    async def read(self, timeout_seconds: float) -> bool:
        """Read on, and return whether reading has ended before the timeout.

        It ends with the body, if the client disconnects, and after `MAX_DISCARDED_BODY_BYTES` more
        than the limit.
        """
        try:
            await asyncio.wait_for(self._read(), timeout_seconds)
        except asyncio.TimeoutError:
            return False
        return True

    async def read_early(self) -> bool:
        """Return whether the whole body arrives in `EARLY_BODY_SECONDS`, unless asked for."""
        if not self.complete and not self._expects_continue:
            await self.read(EARLY_BODY_SECONDS)
        return self.complete

    async def discard_early(self) -> bool:
        """Discard the body, and return whether it arrives in `EARLY_BODY_SECONDS`."""
        self._limit = 0
        return await self.read_early()

    async def _read(self) -> None:
        while not self.complete and self.received_bytes <= self._limit + MAX_DISCARDED_BODY_BYTES:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.disconnected = True
                return
            chunk = message.get("body", b"")
            self.received_bytes += len(chunk)
            self.content += chunk[: max(0, self._limit + 1 - len(self.content))]
            self.complete = not message.get("more_body", False)


def declared_length(headers: Headers) -> int:
    """Return the value of `Content-Length`, or 0."""
    for name, value in headers:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value[:_MAX_LENGTH_DIGITS])
    return 0


def has_body(headers: Headers) -> bool:
    """Return whether a request with these headers has a body."""
    return declared_length(headers) > 0 or any(
        name.lower() == b"transfer-encoding" for name, _ in headers
    )


def is_ambiguous(headers: Headers) -> bool:
    """Return whether the body has two lengths, which a proxy and the server may read differently.

    RFC 9112, section 6.1, lets a server reject such a request; it may be request smuggling.
    """
    return {b"content-length", b"transfer-encoding"} <= {name.lower() for name, _ in headers}


def expects_continue(headers: Headers) -> bool:
    """Return whether the client waits for a `100 Continue` before it sends the body."""
    return any(
        name.lower() == b"expect" and value.strip().lower() == b"100-continue"
        for name, value in headers
    )
