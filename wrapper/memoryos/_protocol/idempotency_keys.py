"""Idempotency keys: a request that is sent twice with the same key creates one thing."""

from __future__ import annotations

import os

HEADER = "idempotency-key"
KEY_BYTES = 16


def new_key() -> str:
    """Return a random key."""
    return os.urandom(KEY_BYTES).hex()
