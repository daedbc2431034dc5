"""Which tests, examples and pages speak of what changed, and so may not be right any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from contract_changes import operations
from contract_changes.shapes import LOWER_LIMITS, UPPER_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from contract_changes.change import Change
    from contract_changes.uses import Use
    from generation.contract import Json

_GONE = {"parameter removed", "field removed", "value removed", "error code removed"}
_GONE |= {"error code changed", "parameter renamed", "parameter moved", "scope dropped"}
_EXCLUSIVE = {"exclusiveMinimum", "exclusiveMaximum"}
_WHOLE = 2


class Mention(NamedTuple):
    """A line that speaks of what changed."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class Calls(NamedTuple):
    """How people call operations: `{"list_memories": {"memories.list"}}`."""

    by_operation: dict[str, set[str]]

    def of(self, change: Change) -> set[str]:
        """Return the calls of the operations that have a change."""
        known = self.by_operation
        return {call for name in change.operations for call in known.get(name, set())}


def mentions(
    changes: Iterable[Change], uses: list[Use], calls: dict[str, set[str]], new: Json
) -> list[Mention]:
    """Return the lines that speak of what the changes took away or made another.

    Args:
        changes: What changed.
        uses: What the files say.
        calls: How people call each operation: `{"list_memories": {"memories.list"}}`.
        new: The new contract; a name that is still in it elsewhere is not looked for.
    """
    left = names_in(new)
    found: dict[tuple[str, int], list[str]] = {}
    for change in changes:
        for speaks, sentence in _tests(change, Calls(calls), left):
            for use in filter(speaks, uses):
                found.setdefault((use.file, use.line), []).append(sentence)
    return [
        Mention(file, line, "; ".join(dict.fromkeys(sentences)))
        for (file, line), sentences in sorted(found.items())
    ]


def names_in(contract: Json) -> set[str]:
    """Return every name that a contract gives to something: keys, values, parameters, codes."""
    found: set[str] = set(operations.read(contract))

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            found.update(node.get("properties", {}))
            found.update(str(value) for value in node.get("enum", []))
            found.update(
                str(node[key]) for key in ("name", "code") if isinstance(node.get(key), str)
            )
            for child in node.values():
                collect(child)
        elif isinstance(node, list):
            for child in node:
                collect(child)

    collect(contract)
    return found


Test = tuple["Callable[[Use], bool]", str]


def _tests(change: Change, calls: Calls, left: set[str]) -> Iterator[Test]:
    """What to look for, each with the sentence for the line where it is found."""
    chains = calls.of(change)
    gone = f"`{change.name}`: {change.kind}"
    if change.kind in {"operation removed", "operation renamed"}:
        yield (lambda use: use.kind == "call" and use.name in chains), gone
        yield (lambda use: use.kind != "call" and use.name == change.name), gone
    elif change.kind == "operation moved":
        yield (lambda use: use.kind == "string" and use.name == change.before), gone
    if change.kind in _GONE:
        yield from _gone(change, chains, left, gone)
    if change.kind in {"value added", "value removed"} and len(change.before) >= _WHOLE:
        values = frozenset(map(str, change.before))
        sentence = f"lists the values of {change.where} as they were before"
        yield (lambda use: use.kind == "list" and use.value == values), sentence
    if change.kind in {"required field added", "required parameter added", "now required"}:
        yield from _required(change, chains)
    if change.kind == "default changed":
        yield _default(change)
    if change.kind in {"limit narrowed", "limit widened"}:
        yield _limit(change)


def _gone(change: Change, chains: set[str], left: set[str], sentence: str) -> Iterator[Test]:
    name = change.name
    if change.side == "request":
        yield (
            (lambda use: use.kind == "call" and use.name in chains and name in use.value),
            sentence,
        )
    else:
        yield (lambda use: use.kind == "read" and use.name == name), sentence
    if name not in left:
        kinds = {"string", "attribute", "pair", "word"}
        yield (lambda use: use.kind in kinds and use.name == name), sentence


def _required(change: Change, chains: set[str]) -> Iterator[Test]:
    name, known = change.name, frozenset(change.before or ())
    if change.side == "request":
        sentence = f"calls without `{name}`, which is required now"
        yield (lambda use: _lacks(use, chains, name)), sentence
    if len(known) >= _WHOLE:
        sentence = f"a sample without `{name}`, which is required in {change.where} now"
        yield (
            (lambda use: use.kind == "sample" and known <= use.value and name not in use.value),
            sentence,
        )


def _lacks(use: Use, chains: set[str], name: str) -> bool:
    return use.kind == "call" and use.name in chains and not {name, "**"} & use.value


def _default(change: Change) -> Test:
    sentence = f"has the old default of `{change.name}`"

    def speaks(use: Use) -> bool:
        return use.kind == "pair" and use.name == change.name and use.value == change.before

    return speaks, sentence


def _limit(change: Change) -> Test:
    sentence = f"has a value for `{change.name}` to which the old limit and the new one differ"

    def speaks(use: Use) -> bool:
        if use.kind != "pair" or use.name != change.name:
            return False
        return _within(use.value, change.before) != _within(use.value, change.after)

    return speaks, sentence


def _within(value: Any, limits: dict[str, float]) -> bool:
    """Whether a number, or the length of a text, keeps the limits."""
    size = len(value) if isinstance(value, str) else value
    if isinstance(size, bool) or not isinstance(size, (int, float)):
        return True
    return all(_keeps(size, keyword, limit) for keyword, limit in limits.items())


def _keeps(size: float, keyword: str, limit: float) -> bool:
    if size == limit:
        return keyword not in _EXCLUSIVE
    return size > limit if keyword in LOWER_LIMITS else keyword in UPPER_LIMITS and size < limit
