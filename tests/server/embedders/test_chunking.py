"""Splitting texts into windows, and grouping windows into requests."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from memoryos_server.embedders.chunking import group_windows, split_text


@pytest.mark.parametrize("size", [4, 5, 7, 9])
def test_windows_never_split_a_character(size):
    windows = split_text(3, "a😀b é " * 5, max_bytes=size, max_windows=1000)
    assert "".join(window.text for window in windows) == "a😀b é " * 5
    assert all(window.text_index == 3 and window.size_bytes <= size for window in windows)


def test_an_empty_text_has_one_window():
    assert [window.text for window in split_text(0, "", max_bytes=8, max_windows=4)] == [""]


def test_windows_end_between_words_where_one_is_near():
    windows = split_text(0, "one two three", max_bytes=9, max_windows=4)
    assert [window.text for window in windows] == ["one two", " three"]


def test_groups_are_limited_in_windows_and_in_bytes():
    windows = split_text(0, "x" * 100, max_bytes=10, max_windows=100)
    groups = list(group_windows(windows, max_windows=4, max_bytes=25))
    assert [len(group) for group in groups] == [2, 2, 2, 2, 2]
    groups = list(group_windows(windows, max_windows=4, max_bytes=1000))
    assert [len(group) for group in groups] == [4, 4, 2]
