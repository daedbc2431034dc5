"""Pagination of a list that changes meanwhile misses and repeats nothing."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos import InvalidResponseError
from memoryos._protocol import pagination
from memoryos._protocol.pagination import Paginator

from ..strategies import UNHURRIED


def page(items, paginator, most=100):
    """Answer as the service does, with at most `most` items."""
    limit = min(paginator.limit, most)
    data = [{"id": item} for item in items[paginator.offset : paginator.offset + limit]]
    return {"data": data, "meta": {"has_more": paginator.offset + limit < len(items)}}


def taken(items, page_size, change=lambda items, turn: None):
    """Page through `items`, newest first; `change` runs before each page but the first."""
    paginator, found, turn = Paginator(page_size), [], 0
    while not paginator.is_over:
        found += [item["id"] for item in paginator.take(page(items, paginator))]
        turn += 1
        assert turn < 1000, "the paginator does not end"
        change(items, turn)
    return found


@given(st.integers(0, 60), st.integers(2, 20))
@UNHURRIED
def test_a_list_that_stays_as_it_is_comes_whole_and_in_order(length, page_size):
    """Every item once, whatever the page size."""
    items = [f"item-{n}" for n in range(length)]
    assert taken(list(items), page_size) == items


@given(st.integers(1, 60), st.integers(2, 20), st.lists(st.integers(0, 30), max_size=10))
@UNHURRIED
def test_what_is_added_meanwhile_repeats_nothing(length, page_size, additions):
    """New items come first in the list, and move the others on."""
    items = [f"item-{n}" for n in range(length)]

    def add(items, turn):
        count = additions[turn - 1] if turn <= len(additions) else 0
        items[:0] = [f"new-{turn}-{n}" for n in range(count)]

    found = taken(list(items), page_size, add)
    assert len(found) == len(set(found))
    assert set(items) <= set(found)


@given(st.integers(10, 60), st.integers(4, 20), st.data())
@UNHURRIED
def test_what_is_removed_meanwhile_makes_nothing_be_missed(length, page_size, data):
    """As long as less than a page of what had come is removed between two requests."""
    items = [f"item-{n}" for n in range(length)]
    kept = set(items)

    def remove(items, turn):
        for _ in range(data.draw(st.integers(0, page_size - 2))):
            if items:
                gone = items.pop(data.draw(st.integers(0, len(items) - 1)))
                kept.discard(gone)

    found = taken(items, page_size, remove)
    assert len(found) == len(set(found))
    assert kept <= set(found)


@given(st.integers(0, 60), st.integers(2, 20), st.integers(2, 20))
@UNHURRIED
def test_a_service_that_always_reports_more_still_ends(length, page_size, most):
    """Every item comes once, also where pages are shorter than asked for."""
    items = [f"item-{n}" for n in range(length)]
    paginator, found, turn = Paginator(page_size), [], 0
    while not paginator.is_over:
        answer = page(items, paginator, most)
        answer["meta"]["has_more"] = True
        found += [item["id"] for item in paginator.take(answer)]
        turn += 1
        assert turn < 1000, "the paginator does not end"
    assert found == items


def part(*ids, has_more=True):
    """Make a page of these ids."""
    return {"data": [{"id": one} for one in ids], "meta": {"has_more": has_more}}


def test_the_first_page_is_the_first_and_as_large_as_the_service_allows():
    paginator = Paginator()
    assert (paginator.limit, paginator.offset, paginator.is_over) == (100, 0, False)


def test_each_page_overlaps_the_one_before_by_one_item():
    paginator = Paginator(3)
    assert paginator.take(part("a", "b", "c")) == [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    assert (paginator.offset, paginator.is_over) == (2, False)
    assert paginator.take(part("c", "d", "e", has_more=False)) == [{"id": "d"}, {"id": "e"}]
    assert (paginator.offset, paginator.is_over) == (4, True)


def test_without_an_overlap_the_paginator_goes_back_by_a_page():
    """And hands out nothing until it overlaps again; never before the beginning."""
    paginator = Paginator(3)
    paginator.take(part("a", "b", "c"))
    paginator.take(part("c", "d", "e"))
    assert paginator.take(part("g", "h", "i")) == []
    assert (paginator.offset, paginator.is_over) == (2, False)
    assert paginator.take(part("x", "y", "z")) == []
    assert paginator.offset == 0
    assert paginator.take(part("c", "g", "h")) == [{"id": "g"}, {"id": "h"}]


def test_what_came_last_is_remembered_longest(monkeypatch):
    """Also of items that come again: the next page overlaps with these."""
    monkeypatch.setattr(pagination, "REMEMBERED_IDS", 3)
    paginator = Paginator(3)
    paginator.take(part("a", "b", "c"))
    assert paginator.take(part("a", "d")) == [{"id": "d"}]
    assert paginator.take(part("a", "e")) == [{"id": "e"}]
    assert paginator.take(part("b", "e")) == [{"id": "b"}]  # forgotten meanwhile


def test_a_page_of_one_item_moves_on():
    """It can't overlap with the next one."""
    paginator = Paginator(3)
    paginator.take(part("a"))
    assert paginator.offset == 1


def test_a_full_page_without_anything_new_is_not_the_last():
    """One item was added in front, and moved the others on."""
    paginator = Paginator(2)
    paginator.take(part("a", "b"))
    assert paginator.take(part("a", "b")) == []
    assert not paginator.is_over
    assert paginator.take(part("b", "c", has_more=False)) == [{"id": "c"}]
    assert paginator.is_over


def test_one_item_of_a_service_that_always_reports_more_is_the_last():
    """It is shown twice: there is nothing behind it."""
    paginator = Paginator(2)
    assert paginator.take(part("a")) == [{"id": "a"}]
    assert paginator.take(part()) == []
    assert not paginator.is_over
    assert paginator.take(part("a")) == []
    assert paginator.is_over


def test_a_short_page_with_something_new_is_not_the_last():
    """If the service says that there is more."""
    paginator = Paginator(3)
    paginator.take(part("a", "b", "c"))
    assert paginator.take(part("c", "d")) == [{"id": "d"}]
    assert not paginator.is_over


@given(
    st.integers(1, 400),
    st.sampled_from([2, 7, 100]),
    st.lists(st.tuples(st.booleans(), st.integers(0, 2400)), max_size=8),
)
@UNHURRIED
def test_after_a_pause_the_walk_finds_where_it_was(length, page_size, changes):
    """However much was added, or was removed of what had come; in a few pages.

    All together are fewer than the ids that are remembered.
    """
    items = [f"item-{n}" for n in range(length)]
    paginator, found = Paginator(page_size), []
    for turn in itertools.count():
        found += [item["id"] for item in paginator.take(page(items, paginator))]
        if paginator.is_over:
            break
        if found and turn % 10 == 9 and changes:
            added, count = changes.pop()
            if added:
                items[:0] = [f"new-{turn}-{n}" for n in range(count)]
            else:
                gone = {*found[-count:]}
                items = [item for item in items if item not in gone]
    assert len(found) == len(set(found))
    assert {item for item in items if item.startswith("item")} <= {*found}


def test_a_long_way_is_found_by_bisection():
    """10,000 items that were added or removed take no 100 pages."""
    items = [f"item-{n}" for n in range(30_000)]
    paginator, found = Paginator(), []
    for _ in range(150):
        found += paginator.take(page(items, paginator))
    for changed in ([f"new-{n}" for n in range(10_000)] + items, items[12_000:]):
        items, pages = changed, 0
        while not (new := paginator.take(page(items, paginator))):
            pages += 1
        assert pages < 16
        found += new
    ids = [item["id"] for item in found]
    assert ids == [f"item-{n}" for n in range(len(ids))]


def walk(answer, page_size=100, pages_without_new=None):
    """Walk through the pages of a service, and return the ids.

    Args:
        answer: Returns the page at an offset.
        page_size: The length of pages.
        pages_without_new: The offsets of the pages since the last one with something new.
    """
    paginator, found = Paginator(page_size), []
    for _ in range(2000):
        if paginator.is_over:
            return found
        offset = paginator.offset
        if pages_without_new is not None:
            pages_without_new.append(offset)
        new = paginator.take(answer(offset, paginator.limit))
        if new and pages_without_new is not None:
            pages_without_new.clear()
        found += [item["id"] for item in new]
    raise AssertionError("the paginator does not end")


def wrap_around(items):
    return lambda offset, limit: part(*[items[(offset + n) % len(items)] for n in range(limit)])


def in_turn(*pages):
    turns = itertools.cycle(pages)
    return lambda offset, limit: part(*next(turns))


ITEMS = [f"item-{n}" for n in range(1000)]
SHUFFLED = random.Random(3)
ODD_SERVICES = {
    "ignores the offset": lambda offset, limit: part(*ITEMS[:limit]),
    "ignores offset and limit": lambda offset, limit: part(*ITEMS),
    "ignores the offset and has few": lambda offset, limit: part(*ITEMS[:5]),
    "the same id in each item": lambda offset, limit: part(*["a"] * limit),
    "alternates": in_turn(ITEMS[:100], ITEMS[100:200]),
    "three in turn": in_turn(ITEMS[:100], ITEMS[90:190], ITEMS[500:600]),
    "begins again": wrap_around(ITEMS),
    "begins again soon": wrap_around(ITEMS[:30]),
    "goes back": lambda offset, limit: part(*ITEMS[max(0, 500 - offset) :][:limit]),
    "no order": lambda offset, limit: part(*SHUFFLED.sample(ITEMS, limit)),
    "no order and few": lambda offset, limit: part(*SHUFFLED.sample(ITEMS[:120], limit)),
    "the first page, then nothing": lambda offset, limit: part(*ITEMS[: 0 if offset else limit]),
    "stops at an offset": lambda offset, limit: part(*ITEMS[min(offset, 500) :][:limit]),
}


@pytest.mark.parametrize("page_size", [2, 10, 100])
@pytest.mark.parametrize("answer", ODD_SERVICES.values(), ids=ODD_SERVICES.keys())
def test_pages_without_anything_new_come_to_an_end(answer, page_size):
    """Where a service always reports more, but has no more: an end or an error, soon."""
    pages_without_new = []
    with pytest.raises(InvalidResponseError, match="nothing new") as raised:
        walk(answer, page_size, pages_without_new)
    assert len(pages_without_new) <= pagination.MAX_PAGES_WITHOUT_NEW_ITEMS
    assert (raised.value.code, raised.value.status) == ("INVALID_RESPONSE", 502)


def test_a_page_that_is_the_same_each_time_is_enough_after_a_few():
    """No change of a list brings the same page at other offsets, again and again."""
    asked = []

    def answer(offset, limit):
        asked.append(offset)
        return part(*ITEMS[:100])

    with pytest.raises(InvalidResponseError):
        walk(answer)
    assert len(asked) <= 6


def test_an_id_that_comes_twice_in_a_page_is_one_item():
    assert walk(lambda offset, limit: part("a", "b", "a", has_more=False)) == ["a", "b"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"data": [1]}, "item 0 of the page is not an object"),
        ({"data": [{"id": "a"}, None]}, "item 1 of the page is not an object"),
        ({"data": [["id"]]}, "item 0 of the page is not an object"),
        ({"data": [{}]}, "item 0 of the page has no id that is a string"),
        ({"data": [{"id": None}]}, "item 0 of the page has no id that is a string"),
        ({"data": [{"id": ["a"]}]}, "item 0 of the page has no id that is a string"),
        ({"data": [{"id": {}}]}, "item 0 of the page has no id that is a string"),
        ({"data": [{"id": 5}]}, "item 0 of the page has no id that is a string"),
        ({"meta": {}}, "has_more in the meta of the page is not a boolean"),
        ({"meta": {"has_more": None}}, "has_more in the meta of the page is not a boolean"),
        ({"meta": {"has_more": "false"}}, "has_more in the meta of the page is not a boolean"),
        ({"meta": {"has_more": 0}}, "has_more in the meta of the page is not a boolean"),
    ],
)
def test_a_page_of_other_types_is_an_error_that_says_what_is_wrong(wrong, reason):
    with pytest.raises(InvalidResponseError, match=reason):
        Paginator().take({**part("a", "b"), **wrong})


def test_a_service_with_one_item_per_page_is_read_to_its_end():
    """Such pages can't overlap, whatever limit was asked for."""
    items = [{"id": str(number)} for number in range(50)]
    paginator, found = Paginator(), []
    while not paginator.is_over:
        part = items[paginator.offset : paginator.offset + 1]
        meta = {"has_more": paginator.offset + 1 < len(items)}
        found += paginator.take({"data": part, "meta": meta})
    assert found == items
