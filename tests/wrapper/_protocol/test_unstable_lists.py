"""A walk through a list notices where the order is not stable, and accepts what changes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos import InvalidResponseError
from memoryos._protocol.pagination import Paginator

from ..strategies import UNHURRIED


def walked(list_at, most=200):
    """Page through a service whose list is `list_at(turn)`."""
    paginator, found = Paginator(10), []
    for turn in range(most):
        if paginator.is_over:
            break
        items = list_at(turn)
        end = paginator.offset + paginator.limit
        answer = {
            "data": [{"id": item} for item in items[paginator.offset : end]],
            "meta": {"has_more": end < len(items), "total": len(items)},
        }
        found += [item["id"] for item in paginator.take(answer)]
    assert paginator.is_over, "the paginator does not end"
    return found


MANY = [f"item-{n}" for n in range(250)]
UNSTABLE = {
    "another order each time": lambda turn: random.Random(turn).sample(MANY, len(MANY)),
    "equal times are sorted as it happens": lambda turn: [
        *MANY[:5],
        *random.Random(turn).sample(MANY[5:], len(MANY) - 5),
    ],
    "other ids each time": lambda turn: [f"{item}-{turn}" for item in MANY],
}


@pytest.mark.parametrize("list_at", UNSTABLE.values(), ids=UNSTABLE.keys())
def test_a_list_without_a_stable_order_does_not_end_as_if_it_were_whole(list_at):
    """A page of it has new items each time, but some never come."""
    with pytest.raises(InvalidResponseError, match="not stable"):
        walked(list_at)


def test_an_empty_page_of_a_list_that_is_not_empty_is_not_the_end():
    """As of a service that filters only what is on the page."""
    answer = {"data": [], "meta": {"has_more": True, "total": 5}}
    with pytest.raises(InvalidResponseError, match="its pages contain 0 of 5 items"):
        Paginator().take(answer)


@pytest.mark.parametrize("total", [None, True, "5", [5], {}, 0, -1])
def test_an_odd_total_does_not_matter(total):
    paginator = Paginator()
    answer = {"data": [{"id": "a"}], "meta": {"has_more": False, "total": total}}
    assert paginator.take(answer) == answer["data"]


@given(st.integers(0, 60), st.lists(st.integers(-8, 30), max_size=10))
@UNHURRIED
def test_a_list_that_changes_is_not_taken_for_one_without_a_stable_order(length, changes):
    """Whether items are added or removed meanwhile, and the total with them."""
    items = [f"item-{n}" for n in range(length)]

    def list_at(turn):
        change = changes[turn - 1] if 0 < turn <= len(changes) else 0
        items[:0] = [f"new-{turn}-{n}" for n in range(change)]
        del items[: max(0, -change)]
        return items

    found = walked(list_at)
    assert len(found) == len(set(found))


def test_a_list_that_grows_by_pages_now_and_then_is_read_to_its_end():
    """Even if it begins with other items twice in a row."""
    found = walked(lambda turn: [f"item-{n}" for n in range(-20 * min(turn, 2), 30)])
    assert set(MANY[:30]) <= set(found)


def test_a_full_account_that_forgets_its_oldest_memories_is_no_unstable_list():
    """Its total stays the same, even if more than a page is added during the walk."""
    items = [f"item-{n}" for n in range(250)]
    added = [f"new-{n}" for n in range(15)]
    found = walked(lambda turn: (added + items)[:250] if turn else items)
    assert set(items[:235]) <= set(found)


@given(st.integers(0, 60), st.integers(0, 2**32))
@UNHURRIED
def test_as_many_additions_as_removals_are_no_unstable_order(length, seed):
    """The total stays the same, and what was added may be missing."""
    items, chance = [f"item-{n}" for n in range(length)], random.Random(seed)

    def list_at(turn):
        if items and turn:
            items.pop(chance.randrange(len(items)))
            items.insert(0, f"new-{turn}")
        return items

    found = walked(list_at)
    assert {item for item in items if item.startswith("item-")} <= set(found)
