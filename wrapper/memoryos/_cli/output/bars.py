"""Bars, drawn with characters."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Bar", "draw_bar"]

_EIGHTHS = " ▏▎▍▌▋▊▉█"


class Bar(NamedTuple):
    """One bar of several that share a scale."""

    label: str
    share: float
    facts: str
    style: str = ""


def draw_bar(share: float, width: int, *, blocks: bool) -> str:
    """Return a bar that fills a share of `width` characters; it never vanishes where there is any.

    Args:
        share: How much of the width it fills, from 0 to 1.
        width: The width of a full bar, in characters.
        blocks: Whether block characters can be shown; else it is made of `#`.
    """
    if share <= 0:
        return ""
    if not blocks:
        return "#" * max(1, round(share * width))
    eighths = max(1, round(share * width * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
