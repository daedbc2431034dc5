"""Keep the standard library's decoder far from the interpreter's recursion limit.

Before Python 3.9.2, the whole process is aborted if code that handles a `RecursionError` goes deep
again near the limit (bpo-42500). A finalizer that the garbage collector runs within the decoder is
enough: asyncio logs a future whose exception nobody read. Later versions raise the error and go on.
"""

from __future__ import annotations

import json
import re
import sys

from .json_strings import without_escaped_quotes

MAX_DEPTH = 512
"""Limit of the nesting of arrays and objects, where it must be checked."""

_MAY_ABORT = sys.version_info < (3, 9, 2)
_STRING = re.compile(r'"[^"]*"?')
_BRACKET = re.compile(r"[\[\]{}]")


def check_nesting(text: str, depth: int = 0) -> None:
    """Check that it is safe to decode a JSON text, or a part of one.

    Args:
        text: The text, from the beginning of a value.
        depth: How many arrays and objects contain its beginning.

    Raises:
        RecursionError: It is nested more than `MAX_DEPTH` levels deep, and Python is that old.
    """
    # The number of opening brackets is an upper bound of the depth, and cheap to compute.
    if _MAY_ABORT and depth + text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(text, depth)


def check_content(content: bytes) -> None:
    """Check that it is safe to decode a JSON text in any encoding with `json.loads`.

    Raises:
        UnicodeDecodeError: It has another encoding than it seems to have, and Python is that old.
        RecursionError: It is nested more than `MAX_DEPTH` levels deep, and Python is that old.
    """
    if _MAY_ABORT:
        check_nesting(content.decode(json.detect_encoding(content), "surrogatepass"))


def _check_depth(text: str, depth: int) -> None:
    for bracket in _BRACKET.findall(_STRING.sub("", without_escaped_quotes(text))):
        # Where the text isn't JSON, it can close more than was opened.
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        if depth > MAX_DEPTH:
            raise RecursionError(f"arrays and objects are nested more than {MAX_DEPTH} deep")
