"""Hashes that two sides can compare: of a content, and of a request's body."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from typing import TYPE_CHECKING, Any

from .errors import ServiceError

if TYPE_CHECKING:
    from .records import Memory

__all__ = ["body_hash", "integrity_hash", "verified"]


def integrity_hash(content: str) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical content: NFC, in UTF-8.

    Texts that look the same and differ only in how accents are composed have the same hash.
    """
    return hashlib.sha256(unicodedata.normalize("NFC", content).encode()).hexdigest()


def verified(memory: Memory) -> Memory:
    """Return the memory, after making sure that its content is the one that was stored.

    Raises:
        ServiceError: with status 500, something else than this program has changed the content.
    """
    if integrity_hash(memory.content) != memory.integrity_hash:
        raise ServiceError(
            500,
            "INTERNAL_ERROR",
            f"The content of memory {memory.id} was changed in the database from outside: it does "
            "not match its integrity_hash. Give it new content, or delete it",
            {"memory_id": memory.id},
        )
    return memory


def body_hash(body: dict[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of a JSON object, whatever the order of its names."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
