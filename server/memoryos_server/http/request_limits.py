"""Request and concurrency limits.

The contract limits names, queries and lists (`x-assumed-limits` in openapi.yaml). The limits here,
which a schema can't express, keep a single request from using unbounded memory or CPU time. The
nesting depth of JSON is `MAX_JSON_DEPTH` in `contract.strict_json`.
"""

from __future__ import annotations

__all__ = [
    "BODY_TIMEOUT_SECONDS",
    "HEAD_TIMEOUT_SECONDS",
    "KEEP_ALIVE_SECONDS",
    "MAX_BODY_BYTES",
    "MAX_CONCURRENT_REQUESTS",
    "MAX_CONNECTIONS",
    "MAX_HEAD_BYTES",
    "MAX_METADATA_BYTES",
    "MAX_PATH_BYTES",
    "MAX_QUERY_STRING_BYTES",
]

MAX_BODY_BYTES = 1_048_576
"""Default maximum size of a request body: 1 MiB."""

MAX_CONCURRENT_REQUESTS = 256
"""Default maximum number of requests that a server queues and processes at once.

It is also the maximum number of bodies that the server receives at once from one owner.
"""

BODY_TIMEOUT_SECONDS = 30.0
"""Maximum time for a request body to arrive after its headers."""

MAX_CONNECTIONS = 10_000
"""Maximum number of connections; fewer if the limit on open files is lower.

At the limit, the server closes the connection that has waited longest for a request.
"""

MAX_HEAD_BYTES = 65_536
"""Maximum size of the request line and the headers."""

HEAD_TIMEOUT_SECONDS = 10.0
"""Maximum time for the request line and the headers to arrive, on a new connection too."""

KEEP_ALIVE_SECONDS = 5
"""Time for which the server keeps an idle connection after a response."""

MAX_PATH_BYTES = 8_192
"""Maximum length of a request target without its query."""

MAX_QUERY_STRING_BYTES = 16_384
"""Maximum length of the query string of a URL."""

MAX_METADATA_BYTES = 65_536
"""Maximum size of `metadata` as compact JSON in UTF-8."""
