"""Idempotency keys: a request that is sent twice with the same key creates one thing."""

from __future__ import annotations

import hashlib
import os
from typing import Any, Mapping

from .canonical_json import canonical_json

HEADER = "idempotency-key"
KEY_BYTES = 16


def new_key() -> str:
    """Return a random key."""
    return os.urandom(KEY_BYTES).hex()


def item_key(batch: str, index: int, arguments: Mapping[str, Any]) -> str:
    """Return the key of an item of `memories.create_many`: the same for the same batch and item.

    Args:
        batch: The name of the batch.
        index: The item's position.
        arguments: The item's arguments, without those that are the contract's defaults.
    """
    try:
        content = canonical_json(arguments)
    except (TypeError, ValueError, RecursionError):
        content = b""  # validation rejects the item before it is sent
    name = batch.encode("utf-8", "surrogatepass")
    return hashlib.sha256(b"%s\n%d\n%s" % (name, index, content)).hexdigest()


def key_after_deletion(key: str, memory_id: str) -> str:
    """Return the key to create a memory anew, if the one that `key` created has been deleted.

    The key depends only on these two, so that this creation is safe to repeat, too.
    """
    return hashlib.sha256(f"{key}\n{memory_id}".encode("utf-8", "surrogatepass")).hexdigest()
