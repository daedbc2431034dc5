"""Parse heads with h11."""

from __future__ import annotations

from typing import cast

import h11

from memoryos._transport.response_body import collect_headers

from .errors import InvalidMessageError
from .head import MAX_HEAD_BYTES, ResponseHead

NAME = "h11"
VERSION: str = vars(h11)["__version__"]


def parse(raw: bytes) -> ResponseHead:
    """Return a head whose syntax was checked.

    Raises:
        InvalidMessageError: h11 rejects it.
    """
    connection = h11.Connection(h11.CLIENT, MAX_HEAD_BYTES)
    connection.receive_data(raw)
    try:
        head = cast("h11.Response", connection.next_event())
    except h11.RemoteProtocolError as cause:
        raise InvalidMessageError("its head is not well-formed HTTP/1.1") from cause
    return ResponseHead(
        head.status_code,
        1 if head.http_version == b"1.1" else 0,
        collect_headers(
            [(name.decode("ascii"), value.decode("ascii")) for name, value in head.headers]
        ),
    )
