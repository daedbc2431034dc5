"""Text for a line of a log or a terminal: escaped text from elsewhere, and counts."""

from __future__ import annotations

import re

# Control characters, line separators, marks that change the direction of text, unpaired surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str, limit: int) -> str:
    r"""Return a text in one line: unsafe characters escaped, such as `\n`, and truncated if long.

    Args:
        text: Any text, such as one that the service sent.
        limit: Characters of the text to show.
    """
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text if text.isprintable() else _UNSAFE.sub(_escaped, text)


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 memory`, `2,000 memories`.

    Args:
        count: The number.
        one: Singular of the noun.
        many: Plural of the noun. Default: `one` with an s.
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
