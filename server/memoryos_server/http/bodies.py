"""Request bodies: reading them within limits, or discarding them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from .request_limits import EARLY_BODY_SECONDS, MAX_DISCARDED_BODY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive

    Headers = Iterable[tuple[bytes, bytes]]

__all__ = ["Body", "expects_continue", "has_body", "is_ambiguous", "read_body", "read_early_body"]


class Body(NamedTuple):
    """A request body.

    Attributes:
        content: The body or, if it exceeds the limit, its first bytes.
        received: Number of bytes received.
        complete: Whether the whole body was received.
    """

    content: bytes
    received: int
    complete: bool


async def read_body(receive: Receive, limit: int) -> Body | None:
    """Return the body or its first `limit` + 1 bytes, or None if the client disconnected."""
    content = bytearray()
    received = 0
    more = True
    while more and received <= limit + MAX_DISCARDED_BODY_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        received += len(chunk)
        content += chunk[: limit + 1 - len(content)]
        more = message.get("more_body", False)
    return Body(bytes(content), received, complete=not more)


async def read_early_body(receive: Receive, headers: Headers) -> bool:
    """Discard the body of a rejected request, and return whether it arrived in a short time."""
    if expects_continue(headers):
        return False  # the client sends it only after it was asked to
    try:
        body = await asyncio.wait_for(read_body(receive, 0), EARLY_BODY_SECONDS)
    except asyncio.TimeoutError:
        return False
    return body is not None and body.complete


def has_body(headers: Headers) -> bool:
    """Return whether a request with these headers has a body."""
    return any(
        name.lower() == b"transfer-encoding"
        or (name.lower() == b"content-length" and value.strip(b"0 \t") != b"")
        for name, value in headers
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
