from __future__ import annotations

from typing import Literal, cast

TagSort = Literal["created_at", "memory_count", "name"]

TAG_SORT_VALUES: set[TagSort] = {
    "created_at",
    "memory_count",
    "name",
}


def check_tag_sort(value: str) -> TagSort:
    """Take a value as it is, whether this version of the contract lists it or not."""
    return cast("TagSort", value)
