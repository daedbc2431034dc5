"""Read a response from bytes, in parts."""

from __future__ import annotations

from memoryos._transport.http1.errors import (
    IncompleteResponseError,
    InvalidMessageError,
    NotHTTPError,
)
from memoryos._transport.http1.response_reader import ResponseReader

REJECTED = "rejected"
INCOMPLETE = "incomplete"
OTHER_PROTOCOL = "another protocol"


def read(engine, parts, method="GET", *, eof=True):
    """Return what a reader makes of the bytes that a peer sends before it closes.

    Returns:
        `(status, headers, content, defect, can_reuse)`, or one of the constants.
    """
    reader = ResponseReader(method, engine)
    try:
        for part in parts:
            if reader.is_complete:
                break
            feed(reader, part)
        if not reader.is_complete:
            if not eof:
                return INCOMPLETE
            reader.feed_eof()
    except InvalidMessageError:
        return REJECTED
    except NotHTTPError:
        return OTHER_PROTOCOL
    except IncompleteResponseError:
        return INCOMPLETE
    response = reader.response()
    return (
        response.status,
        dict(response.headers),
        response.content,
        response.defect,
        reader.can_reuse,
    )


def feed(reader, part):
    """Feed a part, and do all the work that it makes."""
    reader.feed(part)
    while reader.has_work and not reader.is_complete:
        reader.work()


def split(data, size):
    """Return data in parts of a size."""
    return [data[start : start + size] for start in range(0, len(data), size)]
