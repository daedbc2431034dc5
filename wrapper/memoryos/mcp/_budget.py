"""Fit memories into a token budget: the last ones are left out, and long ones shown as excerpts.

A token is at least one byte, so that small results need no counting.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ._token_counts import count_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ARGUMENT", "DEFAULT_TOKENS", "RESOURCE_TOKENS", "Fitted", "fit"]

DEFAULT_TOKENS = 5000
"""Budget of a result if the model names none."""
RESOURCE_TOKENS = 20_000
"""Budget of a resource, which a user has chosen to read."""
LEAST_TOKENS = 500
MOST_TOKENS = 100_000

ARGUMENT = {
    "max_tokens": {
        "type": "integer",
        "minimum": LEAST_TOKENS,
        "maximum": MOST_TOKENS,
        "default": DEFAULT_TOKENS,
        "description": "The maximum number of tokens in the result. If they don't fit, long "
        "memories are shown as excerpts, and the last ones are left out; a hint says so.",
    }
}
"""The argument of a tool that sets the budget."""

_RESERVED_TOKENS = 200
"""For everything in a result but the memories."""
_LEAST_PER_MEMORY = 250
"""For a memory without its content and metadata, and an excerpt of a few sentences."""
_SEPARATOR_TOKENS = 2
_MOST_CHARACTERS_PER_TOKEN = 8
"""Longer texts are too long without counting."""
_GAP = " … "


class Fitted(NamedTuple):
    """Memories that fit into a budget."""

    memories: list[dict[str, Any]]
    excerpts: int
    """How many of them are not whole."""
    omitted: int
    """How many of the last memories are left out."""


def fit(memories: Sequence[dict[str, Any]], budget: int) -> Fitted:
    """Return the memories that fit into a result.

    All memories get the same share of the budget; what short ones leave is for the long ones. The
    last ones are left out if the shares become too small.

    Args:
        memories: The memories, in order.
        budget: Tokens that the whole result may have.
    """
    texts = [_json(memory) for memory in memories]
    tokens = budget - _RESERVED_TOKENS
    if sum(len(text.encode()) + _SEPARATOR_TOKENS for text in texts) <= tokens:
        return Fitted(list(memories), 0, 0)
    sizes = [_size(text, tokens) for text in texts]
    sizes = sizes[: _fitting(sizes, tokens)]
    share = _share(sizes, tokens)
    shown = [
        memory if size <= share else _excerpt(memory, share)
        for memory, size in zip(memories, sizes, strict=False)
    ]
    excerpts = sum(size > share for size in sizes)
    return Fitted(shown, excerpts, len(memories) - len(shown))


def _size(text: str, limit: int) -> int:
    """Return the tokens of a memory in a list; a higher number than `limit` if they exceed it."""
    if len(text) > limit * _MOST_CHARACTERS_PER_TOKEN:
        return limit + 1
    return count_tokens(text) + _SEPARATOR_TOKENS


def _fitting(sizes: Sequence[int], tokens: int) -> int:
    """Return how many memories fit, with as little of each as is useful.

    The least budget has room for one.
    """
    for number, size in enumerate(sizes):
        tokens -= min(size, _LEAST_PER_MEMORY)
        if tokens < 0:
            return number
    return len(sizes)


def _share(sizes: Sequence[int], tokens: int) -> int:
    """Return the largest share of each memory for which all together fit."""
    for number, size in enumerate(sorted(sizes)):
        share = tokens // (len(sizes) - number)
        if size > share:
            return share
        tokens -= size
    return max(sizes)


def _excerpt(memory: Mapping[str, Any], tokens: int) -> dict[str, Any]:
    """Return a memory with the passages of its content that fit.

    A cut content isn't called `content`, so that no model stores it as if it were all.
    """
    fields = dict(memory)
    left_out: list[str] = []
    names = ("content", "highlights", "metadata")
    others = {name: value for name, value in fields.items() if name not in names}
    room = tokens - _size(_json({**others, "excerpt": "", "left_out": ["content"]}), tokens)
    if "metadata" in fields and _size(_json(fields["metadata"]), tokens) > room // 2:
        del fields["metadata"]
        left_out.append("metadata")
        whole = {**fields, "left_out": left_out}
        if _size(_json(whole), tokens) <= tokens:
            return whole
    content = fields.pop("content", "")
    passages = fields.pop("highlights", None) or [content]
    start = {"id": fields.pop("id", None), "excerpt": ""}
    cut = {**start, **fields, "left_out": ["content", *left_out]}
    room = tokens - _size(_json(cut), tokens) - _SEPARATOR_TOKENS
    return {**cut, "excerpt": _clipped(_GAP.join(passages), room)}


def _clipped(text: str, tokens: int) -> str:
    """Return the beginning of a text that has at most this number of tokens as JSON."""
    clipped = text[: max(0, tokens) * _MOST_CHARACTERS_PER_TOKEN]
    while clipped and (size := count_tokens(_json(clipped + _GAP))) > tokens:
        clipped = clipped[: len(clipped) * tokens // size]
    return clipped if clipped == text else clipped.rstrip() + _GAP.rstrip()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
