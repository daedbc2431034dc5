"""Idempotency keys: with one, a request that is sent twice creates one thing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from memoryos_api.operations import Operation

HEADER = "idempotency-key"
KEY_BYTES = 16


def argument_name(operation: Operation[Any]) -> Optional[str]:
    """Return the argument that is sent as `Idempotency-Key`; None if the operation has none."""
    for name, argument in operation.arguments.items():
        if argument.location == "header" and argument.wire_name.lower() == HEADER:
            return name
    return None


def new_key() -> str:
    """Return a random key."""
    return os.urandom(KEY_BYTES).hex()
