"""Pagination without I/O.

The service pages by offset, newest first. Items added meanwhile shift the rest, so that the next
page repeats some; removed items shift the rest back, so that simple paging would miss some. Each
page therefore overlaps the one before: the first new item follows one that was returned before.

If a page contains no new item, or shares none with the pages before, the list has changed by more
than a page. The paginator then searches for the first new item: with strides that double, and
between two known offsets by bisection. A service that ignores the offset, or has no stable order,
fails this search, or has returned fewer items than there are when it ends.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Container, Dict, List, Mapping, NoReturn, Optional, Set, cast

from .response_fields import invalid_fields

MAX_PAGE_SIZE = 100

# A limit, so that paging through millions of items needs little memory.
REMEMBERED_IDS = 20_000

MAX_PAGES_WITHOUT_NEW_ITEMS = 20
"""Pages in a row without a new item after which the order can't be stable."""

MAX_REPEATED_PAGES = 3
"""Pages in a row without a new item that repeat another one of these."""

MAX_RESTARTS = 10
"""Times in a row that the list begins with a page of other items than those that came before."""

# Strides stay within the remembered items.
_LONGEST_STRIDE = REMEMBERED_IDS // 2


class Paginator:
    """Decides which page to get next, and which of its items are new.

    No item is returned twice, unless 20,000 others came between. None is missed, unless a whole
    page already read is removed between two requests, or the service changes the order. Pages of
    one item, whatever the limit, can't overlap: there, a removed item makes another one missing.

    Args:
        page_size: The number of items to request at once, from 2 to 100.
    """

    def __init__(self, page_size: int = MAX_PAGE_SIZE) -> None:
        self.limit = page_size
        self.offset = 0
        self.is_over = False
        self._page_size = page_size
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._longest_page = 2
        self._has_one_item_pages = True  # as far as is known
        self._search = _Search()
        self._restarts = 0
        self._completeness = _Completeness()

    def take(self, page: Mapping[str, Any]) -> List[Any]:
        """Accept the page at `offset`, move on, and return its new items.

        Raises:
            InvalidResponseError: The page doesn't match the contract, too many pages in a row
                contained nothing new, or items are missing because their order has changed.
        """
        ids = _ids(page)
        self._has_one_item_pages = self._has_one_item_pages and len(ids) <= 1
        can_overlap = not (ids and self._has_one_item_pages)
        overlaps = not self._seen.keys().isdisjoint(ids)
        if self.offset and can_overlap and not overlaps:
            self._search.add(tuple(ids))
            self.offset = self._search.back(self.offset, self.limit, self._longest_page)
            self.limit = MAX_PAGE_SIZE
            return []
        self._count_restarts(has_other_items=bool(self._seen) and can_overlap and not overlaps)
        self._completeness.add_ids(ids, self._seen)
        new = self._remember(ids, page["data"])
        is_short = len(ids) < min(self.limit, self._longest_page)
        self._longest_page = max(self._longest_page, len(ids))
        # Some services always report more: a short page without new items is the last.
        self.is_over = not page["meta"]["has_more"] or (is_short and not new)
        following = self.offset + max(1, len(ids) - 1)
        if new or self.is_over:
            self._search, self.limit, self.offset = _Search(), self._page_size, following
        else:
            self._search.add(tuple(ids))
            self.offset = self._search.forward(following, self.limit, self._longest_page)
            self.limit = MAX_PAGE_SIZE
        self._completeness.add_page(page, len(new), is_last=self.is_over)
        return new

    def _count_restarts(self, *, has_other_items: bool) -> None:
        self._restarts = self._restarts + 1 if has_other_items else 0
        if self._restarts >= MAX_RESTARTS:
            _reject(
                f"it begins with other items {self._restarts} times in a row; ids or order are "
                "not stable"
            )

    def _remember(self, ids: List[str], items: List[Any]) -> List[Any]:
        """Return the items that are new, and remember their ids."""
        new: List[Any] = []
        for item_id, item in zip(ids, items):
            if item_id not in self._seen:
                new.append(item)
            self._seen[item_id] = None
            self._seen.move_to_end(item_id)
        while len(self._seen) > REMEMBERED_IDS:
            self._seen.popitem(last=False)
        return new


class _Completeness:
    """Compares the number of returned items with `total`, where the order of the list changes.

    Items are added and removed meanwhile in most lists, and then `total` changes. If it doesn't,
    but the order does or the last page reports more, the difference is what was missed.
    """

    def __init__(self) -> None:
        self._is_order_changed = False
        self._returned = 0
        self._totals: Set[Optional[int]] = set()

    def add_ids(self, ids: List[str], seen: Container[str]) -> None:
        """Look at the order of a page.

        It may begin with items that were added, and end with those that follow. All that were
        returned are together.
        """
        are_known = [item_id in seen for item_id in ids]
        if True not in are_known:
            return
        first, last = are_known.index(True), len(ids) - are_known[::-1].index(True)
        if False in are_known[first:last]:
            self._is_order_changed = True

    def add_page(self, page: Mapping[str, Any], new: int, *, is_last: bool) -> None:
        """Count the new items of a page.

        Raises:
            InvalidResponseError: It is the last one, and items are missing.
        """
        self._returned += new
        given = page["meta"].get("total")
        total = given if type(given) is int else None
        self._totals.add(total)
        if not is_last or self._totals != {total} or total is None or self._returned >= total:
            return
        if self._is_order_changed or page["meta"]["has_more"]:
            _reject(
                f"its pages contain {self._returned} of {total} items; the order of the list is "
                "not stable"
            )


class _Search:
    """The search for the first new item, after a page without one."""

    def __init__(self) -> None:
        self._pages: Dict[Any, None] = {}
        self._count = 0
        self._repeated = 0
        self._before: Optional[int] = None  # the first new item is at this offset or after it
        self._after: Optional[int] = None  # it is before this offset
        self._stride = 0

    def add(self, ids: Any) -> None:
        """Count a page without a new item.

        Raises:
            InvalidResponseError: There were too many.
        """
        self._count += 1
        self._repeated += bool(ids) and ids in self._pages
        self._pages[ids] = None
        if self._repeated >= MAX_REPEATED_PAGES or self._count >= MAX_PAGES_WITHOUT_NEW_ITEMS:
            _reject(
                f"{self._count} pages in a row contain nothing new; the service ignores the "
                "offset, or its order is not stable"
            )

    def forward(self, following: int, limit: int, longest_page: int) -> int:
        """Return the next offset after a page with known items only.

        Args:
            following: The offset that follows the page.
            limit: The requested length of the page.
            longest_page: The length of the longest page so far.
        """
        self._before = following
        if self._after is not None and self._after <= following:
            self._after = None  # it has moved
        return self._next(limit, longest_page)

    def back(self, offset: int, limit: int, longest_page: int) -> int:
        """Return the next offset after a page at `offset` without a known item."""
        self._after = offset
        if self._before is not None and self._before >= offset:
            self._before = None  # it has moved
        return self._next(limit, longest_page)

    def _next(self, limit: int, longest_page: int) -> int:
        if self._before is not None and self._after is not None:
            if self._after - self._before < longest_page:
                return self._before
            return (self._before + self._after) // 2
        stride, self._stride = self._stride, min(2 * self._stride + limit - 1, _LONGEST_STRIDE)
        if self._before is not None:
            return self._before + stride
        return max(0, cast("int", self._after) - max(stride, limit - 1))


def _ids(page: Mapping[str, Any]) -> List[str]:
    """Return the ids of a page's items.

    Raises:
        InvalidResponseError: The page doesn't match the contract.
    """
    if not isinstance(page["meta"].get("has_more"), bool):
        _reject("has_more in the meta of the page is not a boolean")
    ids: List[str] = []
    for index, item in enumerate(page["data"]):
        if not isinstance(item, dict):
            _reject(f"item {index} of the page is not an object")
        item_id = cast("Dict[str, Any]", item).get("id")
        if not isinstance(item_id, str):
            _reject(f"item {index} of the page has no id that is a string")
        ids.append(item_id)
    return ids


def _reject(reason: str) -> NoReturn:
    raise invalid_fields(reason)
