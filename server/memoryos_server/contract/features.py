"""The features of the contract that this server supports, named in every response."""

from __future__ import annotations

__all__ = ["FEATURES", "FEATURES_HEADER"]

FEATURES_HEADER = "X-Memory-OS-Features"

FEATURES = (
    "filters",
    "tags",
    "expires-at",
    "upsert",
    "if-updated-at",
    "import-fields",
    "context-metadata",
    "highlights",
    "explain",
    "uncounted",
)
