"""Split texts into windows that a model can read, and group windows into requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MAX_WINDOWS_PER_TEXT", "Window", "group_windows", "split_text"]

MAX_WINDOWS_PER_TEXT = 16
"""Windows of a long text that every embedder reads; what follows them is not embedded."""


class Window(NamedTuple):
    """A part of a text that is embedded on its own.

    Attributes:
        text_index: The index of the text that it is a part of.
        text: The part.
        size_bytes: Its length in UTF-8, at least 1.
    """

    text_index: int
    text: str
    size_bytes: int


def split_text(text_index: int, text: str, *, max_bytes: int, max_windows: int) -> list[Window]:
    """Split a text into windows, between words if possible, never within a character.

    Args:
        text_index: The index of the text, which the windows repeat.
        text: The text; what follows the last window is ignored.
        max_bytes: Bytes of UTF-8 per window, at least 4.
        max_windows: Number of windows, at least 1.

    Returns:
        At least one window, also for an empty text.
    """
    data = text.encode("utf-8", "replace")
    windows: list[Window] = []
    start = 0
    while len(windows) < max_windows and (start < len(data) or not windows):
        end = _window_end(data, start, max_bytes)
        part = data[start:end].decode("utf-8")
        windows.append(Window(text_index, part, max(end - start, 1)))
        start = end
    return windows


def group_windows(
    windows: Sequence[Window], *, max_windows: int, max_bytes: int
) -> Iterator[list[Window]]:
    """Group windows, in order, so that no group exceeds either limit unless it is one window."""
    group: list[Window] = []
    size_bytes = 0
    for window in windows:
        is_full = len(group) == max_windows or size_bytes + window.size_bytes > max_bytes
        if group and is_full:
            yield group
            group, size_bytes = [], 0
        group.append(window)
        size_bytes += window.size_bytes
    if group:
        yield group


def _window_end(data: bytes, start: int, max_bytes: int) -> int:
    end = start + max_bytes
    if end >= len(data):
        return len(data)
    space = data.rfind(b" ", start + 1, end)
    if space > start + max_bytes // 2:
        return space
    while data[end] & 0xC0 == 0x80:  # a UTF-8 continuation byte
        end -= 1
    return end
