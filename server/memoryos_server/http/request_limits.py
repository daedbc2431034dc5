"""Request and concurrency limits.

The contract limits few sizes, since the hosted service documents none. These limits keep a single
request from using unbounded memory or CPU time. `size_validation` checks the sizes of names, lists
and metadata; the nesting depth of JSON is `MAX_JSON_DEPTH` in `strict_json`.
"""

from __future__ import annotations

__all__ = [
    "BODY_TIMEOUT_SECONDS",
    "MAX_BODY_BYTES",
    "MAX_CONCURRENT_REQUESTS",
    "MAX_LIST_ITEMS",
    "MAX_METADATA_BYTES",
    "MAX_NAME_CHARACTERS",
    "MAX_QUERY_CHARACTERS",
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

MAX_QUERY_CHARACTERS = 32_768
"""Maximum length of the `query` of a search or context request: more than any embedder reads."""

MAX_METADATA_BYTES = 65_536
"""Maximum size of `metadata` as compact JSON in UTF-8."""

MAX_NAME_CHARACTERS = 4096
"""Maximum length of an entity name, alias, tag, `source_id`, `external_id` or search text."""

MAX_LIST_ITEMS = 256
"""Maximum number of aliases per entity, and of tags or entities per memory or search."""
