"""Regular expressions over long texts, in steps that let other threads run.

A call of `re` holds Python's global lock until it returns, which can take a second for a megabyte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

__all__ = ["MAX_MATCH_CHARACTERS", "scan"]

MAX_MATCH_CHARACTERS = 2048
"""Maximum length of a match, with the characters after it that a pattern looks at."""

_STEP_CHARACTERS = 16_384


def scan(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Return the same matches as `pattern.finditer(text)`.

    Args:
        pattern: Its matches are not empty and not longer than `MAX_MATCH_CHARACTERS`.
        text: The text.
    """
    return pattern.finditer(text) if len(text) <= _STEP_CHARACTERS else _steps(pattern, text)


def _steps(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(text):
        step_end = position + _STEP_CHARACTERS
        for match in pattern.finditer(text, position, step_end + MAX_MATCH_CHARACTERS):
            if match.start() >= step_end:
                break
            yield match
            position = match.end()
        position = max(position, step_end)
