"""Idempotency: the same key and the same body create once, and answer the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import conflict
from memoryos_server.model.integrity import body_hash
from memoryos_server.model.records import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from memoryos_server.stores.protocol import Store

__all__ = ["CLAIMS_HOLD", "earlier_claim", "wanted_claim"]

CLAIMS_HOLD = timedelta(hours=24)
"""How long an idempotency key stands for its first request."""


def wanted_claim(
    parameters: Mapping[str, Any],
    body: dict[str, Any],
    *,
    owner: str,
    operation: str,
    record_id: str,
    now: datetime,
) -> Claim | None:
    """Return the claim that a creating request makes, or None where it brings no key.

    Args:
        parameters: of the request.
        body: of the request, with the contract's defaults.
        owner: who asks.
        operation: the contract's name for it; a key claims within one operation.
        record_id: the id that the new record will have.
        now: the time of the request.
    """
    key = parameters.get("Idempotency-Key")
    if key is None:
        return None
    return Claim(owner, operation, key, body_hash(body), record_id, now)


def earlier_claim(
    store: Store, wanted: Claim | None, add: Callable[[], Claim | None]
) -> Claim | None:
    """Create a record, unless the idempotency key has made one already.

    Args:
        store: where claims are kept.
        wanted: the claim of this request, or None where it brings no key.
        add: stores the record and the claim in one transaction; returns an earlier claim instead
            where there is one.

    Returns:
        None where the record was created; else the claim of the request that created it.

    Raises:
        ServiceError: with status 409, the key was used with another body.
    """
    if wanted is None:
        return add()
    # `add` asks the same within its transaction; asking before saves what leads up to it.
    since = wanted.created_at - CLAIMS_HOLD
    earlier = store.find_claim(wanted.owner, wanted.operation, wanted.key, since) or add()
    if earlier is not None and earlier.body_hash != wanted.body_hash:
        raise conflict("This Idempotency-Key was used with another body")
    return earlier
