"""Idempotent creates: requests with the same key and body create one record."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from memoryos_server.model.errors import conflict
from memoryos_server.model.idempotency import IdempotencyRecord
from memoryos_server.model.integrity import body_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from memoryos_server.model.caller import Caller
    from memoryos_server.stores.protocol import IdempotencyStore

__all__ = ["create_once", "idempotency_record"]

T = TypeVar("T")


def idempotency_record(
    parameters: Mapping[str, Any],
    body: dict[str, Any],
    *,
    caller: Caller,
    operation: str,
    record_id: str,
    created_at: datetime,
) -> IdempotencyRecord | None:
    """Return the idempotency record of a create request, or None if the request has no key.

    Args:
        parameters: Parameters of the request.
        body: Body of the request, with the contract's defaults filled in.
        caller: The caller. Idempotency keys of callers with other scope tags are independent.
        operation: Operation ID; keys of different operations are independent.
        record_id: ID of the new record.
        created_at: Creation time of the new record.
    """
    key = parameters.get("Idempotency-Key")
    if key is None:
        return None
    if caller.scope_tags:
        # The records outlive the memories, so they contain no names of users. A header has no line
        # feed, so no key without a scope is the same.
        scope = hashlib.sha256("\n".join(caller.scope_tags).encode()).hexdigest()
        key = f"{scope}\n{key}"
    return IdempotencyRecord(caller.owner, operation, key, body_hash(body), record_id, created_at)


def create_once(
    store: IdempotencyStore,
    record: IdempotencyRecord | None,
    add: Callable[[], T | IdempotencyRecord],
    now: datetime,
) -> T | IdempotencyRecord:
    """Create a record, unless an earlier request with the same key has already created it.

    Args:
        store: Store of the idempotency records.
        record: Idempotency record of this request, or None if it has no key.
        add: Stores the new record and its idempotency record in one transaction, or returns the
            existing idempotency record.
        now: Current time.

    Returns:
        What `add` returns, or the idempotency record of the earlier request.

    Raises:
        ServiceError: 409, if the key was used with another body.
    """
    if record is None:
        return add()
    # `add` checks again in its transaction. This check saves computing the embedding.
    named = (record.owner, record.operation, record.key)
    outcome = store.find_idempotency_record(*named, now) or add()
    if isinstance(outcome, IdempotencyRecord) and outcome.body_hash != record.body_hash:
        raise conflict(
            "This Idempotency-Key was used with another body; use a new key, or send the same body"
        )
    return outcome
