from __future__ import annotations

from typing import Literal, cast

SearchType = Literal["semantic", "text"]

SEARCH_TYPE_VALUES: set[SearchType] = {
    "semantic",
    "text",
}


def check_search_type(value: str) -> SearchType:
    """Take a value as it is, whether this version of the contract lists it or not."""
    return cast("SearchType", value)
