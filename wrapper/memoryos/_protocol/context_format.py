"""Build a context from the results of a search, in the format of the local Memory OS. Pure.

For services that lack a filter of contexts, or whose context can't be used.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Set, Tuple

from .context_marks import MarkReader
from .response_fields import reading

__all__ = ["Context", "build_context", "estimated_tokens"]

_TIERS = ("long", "medium", "short")
_NATURES = {"semantic": "knowledge", "episodic": "events", None: "memory"}

_PARTS = re.compile(
    r"[A-Z]?[a-z]{1,5}|[A-Z]{1,2}|[0-9]{1,2}|[\u00c0-\u07ff]{1,2}|\n|[^\S\n]{2,}|[^\sA-Za-z0-9]"
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_CHARACTERS_PER_TOKEN = 8
"""More than a token can have, apart from white space."""

_LEAST_CUT = 20
"""Characters that are left of a memory at least that is cut."""

Group = Tuple[Any, Any]


class Context(NamedTuple):
    """A context for a prompt."""

    text: str
    token_count: int
    memories: List[Dict[str, Any]]
    """The memories in it, best first, as in the contract."""
    over_budget: int
    """The number of memories that the budget has no room for."""
    duplicates: int
    """The number of memories whose text is in the context already."""


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has: for most texts, more than common models count.

    The SDK has no table of tokens of its own. The estimate of two texts together is at most the sum
    of their estimates.
    """
    return len(_PARTS.findall(text)) + 2 * len(_ASTRAL.findall(text))


@reading("the results of the search")
def build_context(results: Iterable[Mapping[str, Any]], budget: int, form: str) -> Context:
    """Return a context with the best memories that the budget has room for, each text once.

    If the budget has room for none, the best is cut to its beginning.

    Args:
        results: The results of a search, best first.
        budget: The maximum number of tokens, as `estimated_tokens` counts them.
        form: `text` or `json`.

    Raises:
        InvalidResponseError: A result doesn't match the contract.
    """
    found = list(results)
    selection = _Selection(_FORMATS[form], budget, MarkReader(found))
    for result in found:
        selection.add(result)
    selection.cut_if_empty()
    text = selection.text()
    memories = [
        {
            "id": item["id"],
            "content": item["content"],
            "tier": item["tier"],
            "score": item["combined_score"],
            "metadata": item["metadata"],
        }
        for item in selection.chosen
    ]
    tokens = estimated_tokens(text)
    if tokens > budget:  # not even room for a document without memories
        text, tokens = "", 0
    return Context(text, tokens, memories, len(selection.too_long), selection.duplicates)


class _Format(NamedTuple):
    """A format of a context. A group's heading and its memories stand one after another."""

    heading: Callable[[Group], str]
    memory: Callable[[Mapping[str, Any], Mapping[str, str]], str]
    between_memories: str
    after_group: str
    between_groups: str
    before: str
    after: str


class _Selection:
    """The memories chosen for a context."""

    def __init__(self, form: _Format, budget: int, reader: MarkReader) -> None:
        self.chosen: List[Mapping[str, Any]] = []
        self.too_long: List[Mapping[str, Any]] = []
        self.duplicates = 0
        self._form = form
        self._reader = reader
        self._left = budget - estimated_tokens(form.before + form.after)
        self._texts: Set[str] = set()
        self._groups: Dict[Group, List[str]] = {}

    def add(self, item: Mapping[str, Any]) -> None:
        """Choose a memory if there is room for it and its text is new."""
        key = _duplicate_key(item["content"])
        if key in self._texts:
            self.duplicates += 1
        elif not self._choose(item):
            self.too_long.append(item)
        else:
            self._texts.add(key)

    def _choose(self, item: Mapping[str, Any]) -> bool:
        group = (item["tier"], item.get("memory_nature"))
        cost = self._cost(item, group)
        if cost > self._left:
            return False
        self._left -= cost
        self._groups.setdefault(group, []).append(self._written(item))
        self.chosen.append(item)
        return True

    def _written(self, item: Mapping[str, Any]) -> str:
        return self._form.memory(item, self._reader.marks(item))

    def _cost(self, item: Mapping[str, Any], group: Group) -> int:
        cost = estimated_tokens(self._written(item) + self._form.between_memories)
        if group in self._groups:
            return cost
        form = self._form
        return cost + estimated_tokens(form.heading(group) + form.after_group + form.between_groups)

    def cut_if_empty(self) -> None:
        """Choose the beginning of the best memory if there is room for no whole one."""
        if self.chosen or not self.too_long:
            return
        best = self.too_long[0]
        group = (best["tier"], best.get("memory_nature"))
        least, most = 0, min(len(best["content"]), max(0, self._left) * _CHARACTERS_PER_TOKEN)
        while least < most:
            middle = (least + most + 1) // 2
            if self._cost(_cut(best, middle), group) <= self._left:
                least = middle
            else:
                most = middle - 1
        if least >= _LEAST_CUT and self._choose(_cut(best, least)):
            del self.too_long[0]

    def text(self) -> str:
        """Return the text: the groups in order, and in each the best memories first."""
        form = self._form
        groups = [
            form.heading(group) + form.between_memories.join(items) + form.after_group
            for group, items in sorted(self._groups.items(), key=lambda pair: _place(pair[0]))
        ]
        return form.before + form.between_groups.join(groups) + form.after


def _cut(item: Mapping[str, Any], length: int) -> Dict[str, Any]:
    beginning = item["content"][:length]
    words = beginning.rsplit(None, 1)
    return {**item, "content": f"{words[0] if len(words) > 1 else beginning} …"}


def _place(group: Group) -> Tuple[int, int]:
    """Return where a group stands; those that a newer service has come last."""
    tier, nature = group
    natures = list(_NATURES)
    return (
        _TIERS.index(tier) if tier in _TIERS else len(_TIERS),
        natures.index(nature) if nature in natures else len(natures),
    )


def _duplicate_key(text: str) -> str:
    """Return what two texts share that differ only in NFC, case and spacing."""
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


def _heading(group: Group) -> str:
    tier, nature = group
    return f"{tier.capitalize()}-term {_NATURES.get(nature, nature)}:"


def _bullet(item: Mapping[str, Any], marks: Mapping[str, str]) -> str:
    """Return a memory as one list item, which can't imitate a heading or another one."""
    text = "".join(f"{mark}: " for mark in marks.values())
    return f"\n- {text}" + "\n  ".join(item["content"].splitlines())


def _json_heading(group: Group) -> str:
    tier, nature = map(json.dumps, group)
    return f'{{"tier": {tier}, "memory_nature": {nature}, "memories": ['


def _json_memory(item: Mapping[str, Any], marks: Mapping[str, str]) -> str:
    return json.dumps({**marks, "content": item["content"]}, ensure_ascii=False)


_FORMATS = {
    "text": _Format(_heading, _bullet, "", "", "\n\n", "", ""),
    "json": _Format(_json_heading, _json_memory, ", ", "]}", ", ", '{"groups": [', "]}"),
}
