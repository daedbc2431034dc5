"""Idempotency keys: a request that is sent twice with the same key creates one thing."""

from __future__ import annotations

import hashlib
import os
from typing import Any, Mapping

from . import json_codec

HEADER = "idempotency-key"
KEY_BYTES = 16


def new_key() -> str:
    """Return a random key."""
    return os.urandom(KEY_BYTES).hex()


def item_key(batch: str, index: int, arguments: Mapping[str, Any]) -> str:
    """Return the key of an item of `memories.create_many`: the same for the same batch and item."""
    try:
        content = json_codec.encode(arguments)
    except (TypeError, ValueError, RecursionError):
        content = b""  # validation rejects the item before it is sent
    name = batch.encode("utf-8", "backslashreplace")
    return hashlib.sha256(b"%s\n%d\n%s" % (name, index, content)).hexdigest()
