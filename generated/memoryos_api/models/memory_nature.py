from __future__ import annotations

from typing import Literal, cast

MemoryNature = Literal["episodic", "semantic"]

MEMORY_NATURE_VALUES: set[MemoryNature] = {
    "episodic",
    "semantic",
}


def check_memory_nature(value: str) -> MemoryNature:
    """Take a value as it is, whether this version of the contract lists it or not."""
    return cast("MemoryNature", value)
