"""What an operation hands to whoever speaks HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Answer", "page"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The `data` of an envelope, and what its `meta` holds besides the request id."""

    data: Any
    meta: dict[str, Any] = field(default_factory=dict)


def page(items: list[dict[str, Any]], *, total: int, limit: int, offset: int) -> Answer:
    """Return one page of a list of `total` items, with the paging facts as its `meta`."""
    has_more = offset + len(items) < total
    meta = {"total": total, "limit": limit, "offset": offset, "has_more": has_more}
    return Answer(items, meta)
