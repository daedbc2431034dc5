"""Cutting texts to what a model reads, and many texts into requests of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Window", "requests", "windows"]


class Window(NamedTuple):
    """A part of a text that is embedded by itself.

    Attributes:
        row: which text it is a part of.
        text: the part.
        size: its length in bytes of UTF-8.
    """

    row: int
    text: str
    size: int


def windows(row: int, text: str, size: int, most: int) -> list[Window]:
    """Cut a text into windows, between words where there are any.

    Args:
        row: which text it is.
        text: any text, as far as it is read.
        size: bytes of UTF-8 in a window, at least 4.
        most: how many windows are read, at least 1.
    """
    data = text.encode("utf-8", "replace")
    found: list[Window] = []
    start = 0
    while len(found) < most and (start < len(data) or not found):
        end = _end(data, start, size)
        found.append(Window(row, data[start:end].decode("utf-8"), max(end - start, 1)))
        start = end
    return found


def requests(parts: Sequence[Window], *, texts: int, size: int) -> Iterator[list[Window]]:
    """Group windows, in order, into requests of at most so many texts and bytes."""
    group: list[Window] = []
    held = 0
    for part in parts:
        if group and (len(group) == texts or held + part.size > size):
            yield group
            group, held = [], 0
        group.append(part)
        held += part.size
    if group:
        yield group


def _end(data: bytes, start: int, size: int) -> int:
    """Return where a window that begins at `start` ends, never within a character."""
    end = start + size
    if end >= len(data):
        return len(data)
    space = data.rfind(b" ", start + 1, end)
    if space > start + size // 2:
        return space
    while data[end] & 0xC0 == 0x80:  # a byte that continues a character
        end -= 1
    return end
