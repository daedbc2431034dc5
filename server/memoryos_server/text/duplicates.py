"""Duplicate detection, so that a context doesn't repeat a memory."""

from __future__ import annotations

import unicodedata

__all__ = ["duplicate_key"]


def duplicate_key(text: str) -> str:
    """Return a key that two texts share if they differ only in NFC, case and spacing.

    No other difference is ignored: a word, a sign or an accent can reverse the meaning of a text.
    For the same reason the key is in lower case, not case-folded: `Maße` is not `Masse`.
    """
    lower = unicodedata.normalize("NFC", text).lower()
    return " ".join(unicodedata.normalize("NFC", lower).split())
