"""The size limits of a request that its schemas can't express."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.contract.validation_messages import FieldError

from .request_limits import MAX_METADATA_BYTES
from .strict_json import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["oversized"]


def oversized(body: Mapping[str, Any] | None, body_bytes: int) -> list[FieldError]:
    """Return the fields of a valid body that are larger than this server accepts.

    Args:
        body: valid by the contract, or None.
        body_bytes: the length of the body in the request.
    """
    # The metadata can't be larger than the body that contains it.
    if body is None or "metadata" not in body or body_bytes <= MAX_METADATA_BYTES:
        return []
    if len(encode(body["metadata"])) <= MAX_METADATA_BYTES:
        return []
    return [FieldError("body.metadata", f"must have at most {MAX_METADATA_BYTES} bytes as JSON")]
