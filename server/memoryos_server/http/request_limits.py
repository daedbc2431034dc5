"""How much a request may bring, and a server take on at once: every bound stands here.

The contract bounds few sizes, since the hosted service states none. What it leaves open is bounded
here, so that no single request can make the server hold or compute without end. How deeply JSON may
be nested is in `strict_json`.
"""

from __future__ import annotations

__all__ = [
    "BODY_SECONDS",
    "MAX_BODY_BYTES",
    "MAX_ITEMS",
    "MAX_METADATA_BYTES",
    "MAX_NAME_CHARACTERS",
    "MAX_QUERY_CHARACTERS",
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

MAX_QUERY_CHARACTERS = 32_768
"""How long the `query` of a search or a context may be: more than any embedder reads of it."""

MAX_METADATA_BYTES = 65_536
"""How large metadata may be, as compact JSON in UTF-8."""

MAX_NAME_CHARACTERS = 4096
"""How long a name may be: of an entity, an alias, a tag, a source, an external reference."""

MAX_ITEMS = 256
"""How many aliases an entity may have; how many tags or entities a memory or a search may name."""
