"""Text for people: counts, and lines that are safe on a terminal."""

from __future__ import annotations

__all__ = ["one_line", "plural", "printable"]


def printable(text: str) -> str:
    """Return a text with its control characters replaced, so that it can't move the cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def one_line(text: str) -> str:
    """Return a text as one line, with single spaces and without control characters."""
    return printable(" ".join(text.split()))


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 memory`, `2,000 memories`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
