"""Token counts of texts, for the budgets of results."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from memoryos._local import token_counter

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["count_tokens"]

_BYTES_PER_TOKEN = 2
"""What few texts fall below: English has four bytes per token, Base64 one and a half."""


def count_tokens(text: str) -> int:
    """Return the number of tokens of a text, at most the number of its bytes.

    It is as the local Memory OS counts them. Without the extra `local` it is an estimate, which is
    too high for most texts.
    """
    return _counter()(text)


@cache
def _counter() -> Callable[[str], int]:
    return token_counter() or _estimated_tokens


def _estimated_tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN)
