"""Request and concurrency limits.

The contract limits names, queries and lists (`x-assumed-limits` in openapi.yaml). The limits here,
which a schema can't express, keep a single request from using unbounded memory or CPU time. The
nesting depth of JSON is `MAX_JSON_DEPTH` in `strict_json`.
"""

from __future__ import annotations

__all__ = [
    "BODY_TIMEOUT_SECONDS",
    "MAX_BODY_BYTES",
    "MAX_CONCURRENT_REQUESTS",
    "MAX_METADATA_BYTES",
    "MAX_QUERY_STRING_BYTES",
]

MAX_BODY_BYTES = 1_048_576
"""Default maximum size of a request body: 1 MiB."""

MAX_CONCURRENT_REQUESTS = 256
"""Default maximum number of requests that a server reads, queues and processes at once."""

BODY_TIMEOUT_SECONDS = 30.0
"""Maximum time for a request body to arrive after its headers."""

MAX_QUERY_STRING_BYTES = 16_384
"""Maximum length of the query string of a URL."""

MAX_METADATA_BYTES = 65_536
"""Maximum size of `metadata` as compact JSON in UTF-8."""
