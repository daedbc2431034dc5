"""Request and concurrency limits.

The contract limits names, queries and lists (`x-assumed-limits` in openapi.yaml). The limits that a
schema can't express are here, so that no single request can exhaust the server. How deeply JSON may
be nested is in `strict_json`.
"""

from __future__ import annotations

__all__ = [
    "BODY_SECONDS",
    "MAX_BODY_BYTES",
    "MAX_METADATA_BYTES",
    "MAX_QUERY_STRING_BYTES",
    "MAX_UNDER_WAY",
]

MAX_BODY_BYTES = 1_048_576
"""How large a request's body may be where nothing else is said: one mebibyte."""

MAX_UNDER_WAY = 256
"""How many requests a server takes on at once where nothing else is said."""

BODY_SECONDS = 30.0
"""How long a request's body may take to arrive, once its head has."""

MAX_QUERY_STRING_BYTES = 16_384
"""How long the part of a URL behind the question mark may be."""

MAX_METADATA_BYTES = 65_536
"""How large metadata may be, as compact JSON in UTF-8."""
