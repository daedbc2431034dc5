"""Bars drawn with characters."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Bar", "draw_bar"]

_EIGHTHS = " ▏▎▍▌▋▊▉█"


class Bar(NamedTuple):
    """One bar of a chart.

    Attributes:
        label: Text before the bar.
        share: Length of the bar relative to a full bar, from 0 to 1.
        text: Text after the bar.
        style: Name of a style, or empty; see `tables.Cell`.
    """

    label: str
    share: float
    text: str
    style: str = ""


def draw_bar(share: float, width: int, *, blocks: bool) -> str:
    """Return the characters of a bar. A share above 0 is always visible.

    Args:
        share: Length of the bar relative to a full bar, from 0 to 1.
        width: Width of a full bar, in characters.
        blocks: Draw block characters in steps of an eighth. Otherwise draw `#`.
    """
    if share <= 0:
        return ""
    if not blocks:
        return "#" * max(1, round(share * width))
    eighths = max(1, round(share * width * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
