"""Lines in tests, examples and pages that mention what changed, and may be outdated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from contract_changes import operations
from contract_changes.schema_shapes import LOWER_LIMITS, UPPER_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from contract_changes.change import Change
    from contract_changes.references import Reference
    from generation.contract import Json

_GONE = {"parameter removed", "field removed", "value removed", "error code removed"}
_GONE |= {"error code changed", "parameter renamed", "parameter moved", "scope dropped"}
_EXCLUSIVE = {"exclusiveMinimum", "exclusiveMaximum"}
_WHOLE = 2


class Mention(NamedTuple):
    """A line that mentions what changed."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class Calls(NamedTuple):
    """The methods that call each operation: `{"list_memories": {"memories.list"}}`."""

    by_operation: dict[str, set[str]]

    def of(self, change: Change) -> set[str]:
        """Return the calls of the operations that have a change."""
        known = self.by_operation
        return {call for name in change.operations for call in known.get(name, set())}


def mentions(
    changes: Iterable[Change], references: list[Reference], calls: dict[str, set[str]], new: Json
) -> list[Mention]:
    """Return the lines that mention what the changes removed or altered.

    Args:
        changes: What changed.
        references: What the files refer to.
        calls: The methods that call each operation: `{"list_memories": {"memories.list"}}`.
        new: The new contract; names still in it elsewhere are ignored.
    """
    left = names_in(new)
    found: dict[tuple[str, int], list[str]] = {}
    for change in changes:
        for is_affected, sentence in _tests(change, Calls(calls), left):
            for reference in filter(is_affected, references):
                found.setdefault((reference.file, reference.line), []).append(sentence)
    return [
        Mention(file, line, "; ".join(dict.fromkeys(sentences)))
        for (file, line), sentences in sorted(found.items())
    ]


def names_in(contract: Json) -> set[str]:
    """Return every name in a contract: keys, values, parameters, codes."""
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


Test = tuple["Callable[[Reference], bool]", str]


def _tests(change: Change, calls: Calls, left: set[str]) -> Iterator[Test]:
    """Yield what to look for, each with the message for a line that matches."""
    chains = calls.of(change)
    gone = f"`{change.name}`: {change.kind}"
    if change.kind in {"operation removed", "operation renamed"}:
        yield (lambda reference: reference.kind == "call" and reference.name in chains), gone
        yield (lambda reference: reference.kind != "call" and reference.name == change.name), gone
    elif change.kind == "operation moved":
        yield (
            (lambda reference: reference.kind == "string" and reference.name == change.before),
            gone,
        )
    if change.kind in _GONE:
        yield from _gone(change, chains, left, gone)
    if change.kind in {"value added", "value removed"} and len(change.before) >= _WHOLE:
        values = frozenset(map(str, change.before))
        sentence = f"lists the values of {change.where} as they were before"
        yield (lambda reference: reference.kind == "list" and reference.value == values), sentence
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
            (
                lambda reference: (
                    reference.kind == "call"
                    and reference.name in chains
                    and name in reference.value
                )
            ),
            sentence,
        )
    else:
        yield (lambda reference: reference.kind == "read" and reference.name == name), sentence
    if name not in left:
        kinds = {"string", "attribute", "pair", "word"}
        yield (lambda reference: reference.kind in kinds and reference.name == name), sentence


def _required(change: Change, chains: set[str]) -> Iterator[Test]:
    name, known = change.name, frozenset(change.before or ())
    if change.side == "request":
        sentence = f"calls without `{name}`, which is required now"
        yield (lambda reference: _lacks(reference, chains, name)), sentence
    if len(known) >= _WHOLE:
        sentence = f"a sample without `{name}`, which is required in {change.where} now"
        yield (
            (
                lambda reference: (
                    reference.kind == "sample"
                    and known <= reference.value
                    and name not in reference.value
                )
            ),
            sentence,
        )


def _lacks(reference: Reference, chains: set[str], name: str) -> bool:
    return (
        reference.kind == "call" and reference.name in chains and not {name, "**"} & reference.value
    )


def _default(change: Change) -> Test:
    sentence = f"has the old default of `{change.name}`"

    def is_affected(reference: Reference) -> bool:
        return (
            reference.kind == "pair"
            and reference.name == change.name
            and reference.value == change.before
        )

    return is_affected, sentence


def _limit(change: Change) -> Test:
    sentence = f"has a value for `{change.name}` to which the old limit and the new one differ"

    def is_affected(reference: Reference) -> bool:
        if reference.kind != "pair" or reference.name != change.name:
            return False
        return _within(reference.value, change.before) != _within(reference.value, change.after)

    return is_affected, sentence


def _within(value: Any, limits: dict[str, float]) -> bool:
    """Return whether a number, or the length of a text, is within the limits."""
    size = len(value) if isinstance(value, str) else value
    if isinstance(size, bool) or not isinstance(size, (int, float)):
        return True
    return all(_keeps(size, keyword, limit) for keyword, limit in limits.items())


def _keeps(size: float, keyword: str, limit: float) -> bool:
    if size == limit:
        return keyword not in _EXCLUSIVE
    return size > limit if keyword in LOWER_LIMITS else keyword in UPPER_LIMITS and size < limit
