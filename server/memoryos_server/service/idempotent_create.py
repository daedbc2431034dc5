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

__all__ = ["create_once", "idempotency_key", "idempotency_record"]

T = TypeVar("T")


def idempotency_key(parameters: Mapping[str, Any], caller: Caller) -> str | None:
    """Return the idempotency key of a request as it is stored, or None if the request has none.

    Keys of callers with other scope tags are independent.
    """
    key: str | None = parameters.get("Idempotency-Key")
    if key is None or not caller.scope_tags:
        return key
    # The records outlive the memories, so they contain no names of users. A header has no line
    # feed, so no key without a scope is the same.
    scope = hashlib.sha256("\n".join(caller.scope_tags).encode()).hexdigest()
    return f"{scope}\n{key}"


def idempotency_record(
    key: str | None,
    body: dict[str, Any],
    *,
    caller: Caller,
    operation: str,
    record_id: str,
    created_at: datetime,
) -> IdempotencyRecord | None:
    """Return the idempotency record of a create request, or None if the request has no key.

    Args:
        key: The result of `idempotency_key`.
        body: Body of the request, with the contract's defaults filled in.
        caller: The caller.
        operation: Operation ID; keys of different operations are independent.
        record_id: ID of the new record.
        created_at: Creation time of the new record.
    """
    if key is None:
        return None
    return IdempotencyRecord(caller.owner, operation, key, body_hash(body), record_id, created_at)


def create_once(
    record: IdempotencyRecord | None,
    earlier: IdempotencyRecord | None,
    add: Callable[[], T | IdempotencyRecord],
) -> T | IdempotencyRecord:
    """Create a record, unless an earlier request with the same key has already created it.

    Args:
        record: Idempotency record of this request, or None if it has no key.
        earlier: The stored record of the same key, or None. Looking for it first saves computing
            the embedding.
        add: Stores the new record and its idempotency record in one transaction, or returns the
            idempotency record that is stored by then.

    Returns:
        What `add` returns, or the idempotency record of the earlier request.

    Raises:
        ServiceError: 409, if the key was used with another body.
    """
    outcome = earlier or add()
    if not isinstance(outcome, IdempotencyRecord) or record is None:
        return outcome
    if outcome.body_hash != record.body_hash:
        raise conflict(
            "This Idempotency-Key was used with another body; use a new key, or send the same body"
        )
    return outcome
