"""SHA-256 hashes of memory content and request bodies."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from .errors import ServiceError
from .json_equality import canonical_json
from .normalization import normalize

if TYPE_CHECKING:
    from .records import Memory

__all__ = ["body_hash", "integrity_hash", "verified"]


def integrity_hash(content: str) -> str:
    """Return the hexadecimal SHA-256 of the content in Unicode form NFC, encoded as UTF-8.

    Texts that differ only in how accents are composed have the same hash.
    """
    return hashlib.sha256(normalize("NFC", content).encode()).hexdigest()


def verified(memory: Memory) -> Memory:
    """Return the memory after checking its content against its `integrity_hash`.

    Raises:
        ServiceError: 500, if another program has changed the content.
    """
    if integrity_hash(memory.content) != memory.integrity_hash:
        raise ServiceError(
            500,
            "INTERNAL_ERROR",
            f"The content of memory {memory.id} does not match its integrity_hash: another program "
            "changed it in the database. Update the content, or delete the memory",
            {"memory_id": memory.id},
        )
    return memory


def body_hash(body: dict[str, Any]) -> str:
    """Return the hexadecimal SHA-256 of a JSON object, independent of how it is written.

    Neither the order of the names nor the form of a number counts: 1, 1.0 and 1e0 are the same.
    """
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()
