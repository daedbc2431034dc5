"""Pagination without I/O.

The service pages by offset, newest first. Items added meanwhile shift the rest, so that the next
page repeats some; removed items shift the rest back, so that simple paging would miss some. Each
page therefore overlaps the one before; if it shares no item with it, the paginator goes back.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, List, Mapping

MAX_PAGE_SIZE = 100

# A limit, so that paging through millions of items needs little memory.
REMEMBERED_IDS = 20_000


class Paginator:
    """Decides which page to get next, and which of its items are new.

    No item is returned twice, unless 20,000 others came between. None is missed, unless a whole
    page already read is removed between two requests, or the service changes the order.

    Args:
        page_size: The number of items to request at once, from 2 to 100.
    """

    def __init__(self, page_size: int = MAX_PAGE_SIZE) -> None:
        self.limit = page_size
        self.offset = 0
        self.is_over = False
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._longest_page = 2

    def take(self, page: Mapping[str, Any]) -> List[Any]:
        """Accept the page at `offset`, move on, and return its new items."""
        items = page["data"]
        if self.offset and not any(item["id"] in self._seen for item in items):
            self.offset = max(0, self.offset - self.limit + 1)
            return []
        new = [item for item in items if item["id"] not in self._seen]
        for item in items:
            self._seen[item["id"]] = None
            self._seen.move_to_end(item["id"])
        while len(self._seen) > REMEMBERED_IDS:
            self._seen.popitem(last=False)
        self._longest_page = max(self._longest_page, len(items))
        # Some services always report more: a short page without new items is the last.
        has_more = page["meta"]["has_more"] and (bool(new) or len(items) >= self._longest_page)
        self.is_over = not has_more
        self.offset += max(1, len(items) - 1)
        return new
