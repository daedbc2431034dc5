"""Hashes that two sides can compare: of a content, and of a request's body."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import Any

__all__ = ["body_hash", "integrity_hash"]


def integrity_hash(content: str) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical content: NFC, in UTF-8.

    Texts that look the same and differ only in how accents are composed have the same hash.
    """
    return hashlib.sha256(unicodedata.normalize("NFC", content).encode()).hexdigest()


def body_hash(body: dict[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of a JSON object, whatever the order of its names."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
