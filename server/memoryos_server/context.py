"""From ranked memories to a context for a prompt, within a budget of tokens.

Memories are taken best first. One that does not fit is left out and the next one is tried, one
that repeats what is already in is left out too. The text groups them under a heading for each
tier; the JSON document lists them in their order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .duplicates import NearDuplicates
from .timestamps import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .ranking import Ranked

__all__ = ["Context", "assemble", "render_json", "render_text"]

HEADINGS = {
    "long": "Long-term knowledge:",
    "medium": "Medium-term memory:",
    "short": "Short-term memory:",
}

MAX_MISFITS = 20
"""How many memories in a row may fail to fit before no more are tried."""


@dataclass(frozen=True, slots=True)
class Context:
    """A text for a prompt, its length in tokens, and the memories that are in it, best first."""

    text: str
    token_count: int
    memories: tuple[Ranked, ...]


def assemble(
    ranked: Iterable[Ranked], *, budget: int, count: Callable[[str], int], form: str = "text"
) -> Context:
    """Return the context of the best memories that fit.

    Args:
        ranked: memories, best first.
        budget: how many tokens the text may have, 0 or more.
        count: returns how many tokens a text has.
        form: `text` or `json`.

    Returns:
        A context of at most `budget` tokens; an empty text where not even an empty frame fits.
    """
    rules = _FORMS[form]
    chosen = _choose(ranked, budget, count, rules)
    # The sum of the parts only estimates the whole: tokens can form across the seams.
    while (tokens := count(text := rules.render(chosen))) > budget and chosen:
        chosen.pop()
    return Context(text, tokens, tuple(chosen)) if tokens <= budget else Context("", 0, ())


def render_text(ranked: Sequence[Ranked]) -> str:
    """Return the memories as text, under a heading for each tier that has any."""
    groups = [
        heading + "".join(_bullet(item) for item in ranked if item.memory.tier == tier)
        for tier, heading in HEADINGS.items()
        if any(item.memory.tier == tier for item in ranked)
    ]
    return "\n\n".join(groups)


def render_json(ranked: Sequence[Ranked]) -> str:
    """Return the memories as a JSON document: `{"memories": […]}`."""
    return '{"memories": [' + ", ".join(_entry(item) for item in ranked) + "]}"


@dataclass(frozen=True, slots=True)
class _Form:
    """How a context is written, whole and in the parts that a budget is planned with."""

    render: Callable[[Sequence[Ranked]], str]
    part: Callable[[Ranked], str]
    headings: Mapping[str, str]


def _choose(
    ranked: Iterable[Ranked], budget: int, count: Callable[[str], int], form: _Form
) -> list[Ranked]:
    """Return the memories whose parts fit, by the sum of their tokens."""
    chosen: list[Ranked] = []
    seen = NearDuplicates()
    unused_headings = dict(form.headings)
    left, misfits = budget - count(form.render([])), 0
    for item in ranked:
        if left <= 0 or misfits == MAX_MISFITS:
            break
        if item.memory.content in seen:
            continue
        price = count(form.part(item)) + count(unused_headings.get(item.memory.tier, ""))
        if price > left:
            misfits += 1
            continue
        unused_headings.pop(item.memory.tier, None)
        seen.add(item.memory.content)
        chosen.append(item)
        left, misfits = left - price, 0
    return chosen


def _bullet(item: Ranked) -> str:
    """Return a memory as one list item.

    Further lines are indented, so that no memory can pass for a heading or for another memory.
    """
    return "\n- " + "\n  ".join(item.memory.content.splitlines())


def _entry(item: Ranked) -> str:
    memory = item.memory
    # To the second: the digits after it would cost as many tokens as a short memory.
    created_at = timestamp(memory.created_at, timespec="seconds")
    entry = {"content": memory.content, "tier": memory.tier, "created_at": created_at}
    return json.dumps(entry, ensure_ascii=False)


_FORMS = {
    "text": _Form(render_text, _bullet, HEADINGS),
    "json": _Form(render_json, _entry, {}),
}
