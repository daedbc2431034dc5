"""Pagination of a list that changes meanwhile misses and repeats nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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
