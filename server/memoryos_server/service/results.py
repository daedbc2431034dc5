"""Results of operations: the contents of the response envelope."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Result", "page_result"]


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an operation.

    Attributes:
        data: The `data` of the response envelope.
        meta: The `meta` of the response envelope, except for the request ID.
    """

    data: Any
    meta: dict[str, Any] = field(default_factory=dict)


def page_result(items: list[dict[str, Any]], *, total: int, limit: int, offset: int) -> Result:
    """Return the result for one page of a list.

    Args:
        items: The items of the page.
        total: Number of items in the whole list.
        limit: Requested page size.
        offset: Number of items before the page.
    """
    has_more = offset + len(items) < total
    meta = {"total": total, "limit": limit, "offset": offset, "has_more": has_more}
    return Result(items, meta)
