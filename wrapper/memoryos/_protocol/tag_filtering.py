"""What is known of how a service filters by tags: services differ in what they can be asked for."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Set

from .memory_filters import MemoryFilter

__all__ = ["TagFiltering"]


class TagFiltering:
    """What is known of how a service filters by the tags in `metadata.tags`.

    Attributes:
        works: Whether a search by tags finds memories whose metadata have these tags. A service
            that doesn't read them finds none.
        is_tried: Whether that was found out.
        is_being_tried: Whether that is being found out, so that other writes needn't do so.
        ignored_by: The operations that return memories without the tags.
        lists_are_filtered: Whether a list by a tag that no memory has was empty.
    """

    def __init__(self) -> None:
        self.works = True
        self.is_tried = False
        self.is_being_tried = False
        self.ignored_by: Set[str] = set()
        self.lists_are_filtered = False

    def learn(
        self, operation: str, tags: Iterable[str], found: Iterable[Mapping[str, Any]]
    ) -> None:
        """Learn from what an operation found by these tags."""
        if not all(map(MemoryFilter({"tags": list(tags)}), found)):
            self.ignored_by.add(operation)

    def applies_to(self, operation: str) -> bool:
        """Return whether the service filters by tags in this operation, as far as is known."""
        return self.works and operation not in self.ignored_by
