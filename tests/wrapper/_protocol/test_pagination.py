"""A walk through a list that changes meanwhile misses nothing and repeats nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memoryos._protocol.pagination import Paginator


def page(items, walk, most=100):
    """Answer as the service does, with at most `most` items."""
    limit = min(walk.limit, most)
    data = [{"id": item} for item in items[walk.offset : walk.offset + limit]]
    return {"data": data, "meta": {"has_more": walk.offset + limit < len(items)}}


def taken(items, page_size, change=lambda items, turn: None):
    """Walk through `items`, newest first, which `change` changes before each page but the first."""
    walk, found, turn = Paginator(page_size), [], 0
    while not walk.is_over:
        found += [item["id"] for item in walk.take(page(items, walk))]
        turn += 1
        assert turn < 1000, "the walk does not end"
        change(items, turn)
    return found


@given(st.integers(0, 60), st.integers(2, 20))
def test_a_list_that_stays_as_it_is_comes_whole_and_in_order(length, page_size):
    """Every item once, whatever the page size."""
    items = [f"item-{n}" for n in range(length)]
    assert taken(list(items), page_size) == items


@given(st.integers(1, 60), st.integers(2, 20), st.lists(st.integers(0, 30), max_size=10))
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
def test_a_service_that_always_speaks_of_more_ends_the_walk_all_the_same(length, page_size, most):
    """Every item comes once, also where pages are shorter than asked for."""
    items = [f"item-{n}" for n in range(length)]
    walk, found, turn = Paginator(page_size), [], 0
    while not walk.is_over:
        answer = page(items, walk, most)
        answer["meta"]["has_more"] = True
        found += [item["id"] for item in walk.take(answer)]
        turn += 1
        assert turn < 1000, "the walk does not end"
    assert found == items
