"""Idempotency records: which request used an idempotency key, and what it created."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["IDEMPOTENCY_KEY_LIFETIME", "IdempotencyRecord"]

IDEMPOTENCY_KEY_LIFETIME = timedelta(hours=24)
"""How long an idempotency key is remembered."""


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """The request that used an idempotency key first, and the record that it created.

    It is valid for `IDEMPOTENCY_KEY_LIFETIME`, and as long as the created record exists. It
    contains only a hash of the body. A repeated request has the same body, so the response is
    rebuilt from that, and a deleted memory leaves no text behind.
    """

    owner: str
    operation: str
    key: str
    body_hash: str
    record_id: str
    created_at: datetime
