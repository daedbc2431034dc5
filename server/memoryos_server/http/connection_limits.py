"""Limits on requests that are rejected early, and on clients that don't read.

The limits on valid requests are in `request_limits`.
"""

from __future__ import annotations

__all__ = [
    "EARLY_BODY_SECONDS",
    "LAST_REQUEST_SECONDS",
    "LINGER_SECONDS",
    "MAX_DISCARDED_BODY_BYTES",
    "WRITE_TIMEOUT_SECONDS",
]

EARLY_BODY_SECONDS = 0.1
"""Time for which the server reads the body of a request that it rejects by its headers.

If the body arrives in this time, the connection stays open; otherwise the server closes it.
"""

LAST_REQUEST_SECONDS = 0.5
"""Time for which a server that stops answers requests on the connections that it has.

A client that uses its connection all the time learns from the answer that it was the last.
"""

LINGER_SECONDS = 5.0
"""Maximum time for which the server reads on after a response that it sent before the body's end.

Closing at once would reset the connection, and the client might lose the response (RFC 9112,
section 9.6).
"""

MAX_DISCARDED_BODY_BYTES = 8 * 1_048_576
"""Number of bytes beyond the body limit that are read and discarded.

A client reads the response only after it has sent its body, so the server reads a body that is too
large before it sends the 413. It closes the connection of a client that sends even more.
"""

WRITE_TIMEOUT_SECONDS = 30.0
"""Time after which the server gives up a client that reads nothing of its response."""
