"""Walking through a list page by page, without I/O.

The service pages by offset, newest first. What is added meanwhile moves the rest on, so that the
next page repeats items; what is removed moves the rest back, so that a plain walk would miss some.
Each page therefore overlaps the one before, and where the seam does not fit, the walk steps back.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, List, Mapping

# The most that the service hands out at once; a walk wants as few requests as can be.
LARGEST_PAGE = 100

# How many ids are remembered, so that a walk through millions needs little memory.
REMEMBERED = 20_000


class Walk:
    """Says which page to get next, and which of its items are new.

    No item comes twice, unless 20,000 others came between. None is missed, unless a whole page of
    what had come was removed between two requests, or the service changes the order.

    Args:
        page_size: How many items to ask for at once, from 2 to 100.
    """

    def __init__(self, page_size: int = LARGEST_PAGE) -> None:
        self.limit = page_size
        self.offset = 0
        self.is_over = False
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._longest = 2

    def take(self, page: Mapping[str, Any]) -> List[Any]:
        """Take the page at `offset`, move on, and return the items that are new."""
        items = page["data"]
        if self.offset and not any(item["id"] in self._seen for item in items):
            self.offset = max(0, self.offset - self.limit + 1)
            return []
        new = [item for item in items if item["id"] not in self._seen]
        for item in items:
            self._seen[item["id"]] = None
            self._seen.move_to_end(item["id"])
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        self._longest = max(self._longest, len(items))
        # Some services say that there is more for ever: a short page without news is the last.
        has_more = page["meta"]["has_more"] and (bool(new) or len(items) >= self._longest)
        self.is_over = not has_more
        self.offset += max(1, len(items) - 1)
        return new
