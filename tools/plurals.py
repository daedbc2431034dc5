"""Counts with their nouns."""

from __future__ import annotations


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 file`, `2,000 files`.

    Args:
        count: The number.
        one: Singular of the noun.
        many: Plural of the noun. Default: `one` with an s.
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
