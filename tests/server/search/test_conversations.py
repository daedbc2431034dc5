"""Conversations: the neighbours of a line, by creation time and number."""

from __future__ import annotations

import itertools

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.search.conversations import NO_ROW, Conversations


def neighbours(rows, *, at_once):
    """Return the row before each row, of rows of (number, created)."""
    conversations = Conversations()
    groups = [rows] if at_once else [[row] for row in rows]
    for group in groups:
        numbers, created = (np.array(column, np.int64) for column in zip(*group, strict=True))
        conversations.extend(np.ones(len(group), np.int64), numbers, created)
    return conversations.before.tolist()


@pytest.mark.parametrize("at_once", [True, False])
def test_lines_are_ordered_by_time_and_then_by_number(at_once):
    """In whatever order they are added."""
    in_order = [(3, 10), (1, 20), (4, 20), (2, 30)]
    for rows in itertools.permutations(in_order):
        before = neighbours(rows, at_once=at_once)
        for row, line in enumerate(rows):
            position = in_order.index(line)
            expected = rows.index(in_order[position - 1]) if position else NO_ROW
            assert before[row] == expected


MINUTE = 60_000_000


def test_a_removed_line_before_a_pause_leaves_no_links():
    """The line after the pause is still the last one, so that the links are not rebuilt."""
    conversations = Conversations()
    minutes = np.array([0, 1, 90], np.int64)
    conversations.extend(np.ones(3, np.int64), np.array([1, 2, 3]), minutes * MINUTE)
    assert conversations.after.tolist() == [1, NO_ROW, NO_ROW]
    conversations.remove(1)
    assert conversations.after.tolist() == conversations.before.tolist() == [NO_ROW] * 3


def test_a_removed_line_after_a_pause_leaves_no_links():
    conversations = Conversations()
    minutes = np.array([0, 90, 91, 92], np.int64)
    conversations.extend(np.ones(4, np.int64), np.array([1, 2, 3, 4]), minutes * MINUTE)
    conversations.remove(1)
    assert conversations.before.tolist() == [NO_ROW, NO_ROW, NO_ROW, 2]
    assert conversations.after.tolist() == [NO_ROW, NO_ROW, 3, NO_ROW]


def conversation_of(*minutes):
    """Lines of one conversation, read after each as a search does."""
    conversations = Conversations()
    for number, minute in enumerate(minutes):
        append(conversations, number, minute)
        assert len(conversations.before) == number + 1
    return conversations


def append(conversations, number, minute):
    created = np.array([minute * MINUTE], np.int64)
    conversations.extend(np.ones(1, np.int64), np.array([number], np.int64), created)


def test_a_line_after_one_that_came_late_is_linked_to_the_last():
    assert conversation_of(10, 20, 5, 30).before.tolist() == [2, 0, NO_ROW, 1]


def test_a_line_after_the_removed_last_one_is_linked_to_the_one_before():
    conversations = conversation_of(10, 20)
    conversations.remove(1)
    append(conversations, 2, 30)
    assert conversations.before.tolist() == [NO_ROW, NO_ROW, 0]


def test_the_kept_lines_are_linked_in_their_new_order():
    conversations = conversation_of(10, 20, 30)
    conversations.keep(np.array([2, 1]))
    assert conversations.before.tolist() == [1, NO_ROW]
    conversations.keep(np.array([], np.intp))
    assert conversations.before.tolist() == []
