from __future__ import annotations

from typing import Literal, cast

SortOrder = Literal["asc", "desc"]

SORT_ORDER_VALUES: set[SortOrder] = {
    "asc",
    "desc",
}


def check_sort_order(value: str) -> SortOrder:
    """Take a value as it is, whether this version of the contract lists it or not."""
    return cast("SortOrder", value)
