"""Idempotent creates: requests with the same key and body create one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.model.errors import conflict
from memoryos_server.model.idempotency import IdempotencyRecord
from memoryos_server.model.integrity import body_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from memoryos_server.stores.protocol import IdempotencyStore

__all__ = ["create_once", "idempotency_record"]


def idempotency_record(
    parameters: Mapping[str, Any],
    body: dict[str, Any],
    *,
    owner: str,
    operation: str,
    record_id: str,
    created_at: datetime,
) -> IdempotencyRecord | None:
    """Return the idempotency record of a create request, or None if the request has no key.

    Args:
        parameters: Parameters of the request.
        body: Body of the request, with the contract's defaults filled in.
        owner: Owner of the new record.
        operation: Operation ID; keys of different operations are independent.
        record_id: ID of the new record.
        created_at: Creation time of the new record.
    """
    key = parameters.get("Idempotency-Key")
    if key is None:
        return None
    return IdempotencyRecord(owner, operation, key, body_hash(body), record_id, created_at)


def create_once(
    store: IdempotencyStore,
    record: IdempotencyRecord | None,
    add: Callable[[], IdempotencyRecord | None],
    now: datetime,
) -> IdempotencyRecord | None:
    """Create a record, unless an earlier request with the same key has already created it.

    Args:
        store: Store of the idempotency records.
        record: Idempotency record of this request, or None if it has no key.
        add: Stores the new record and its idempotency record in one transaction, or returns the
            existing idempotency record.
        now: Current time.

    Returns:
        None if the record was created, otherwise the idempotency record of the earlier request.

    Raises:
        ServiceError: 409, if the key was used with another body.
    """
    if record is None:
        return add()
    # `add` checks again in its transaction. This check saves computing the embedding.
    named = (record.owner, record.operation, record.key)
    earlier = store.find_idempotency_record(*named, now) or add()
    if earlier is not None and earlier.body_hash != record.body_hash:
        raise conflict(
            "This Idempotency-Key was used with another body; use a new key, or send the same body"
        )
    return earlier
