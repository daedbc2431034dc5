"""One change of the contract."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contract_changes.verdicts import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Change:
    """One change, and what it means to users."""

    kind: str
    """A name of `verdicts.VERDICTS`, such as `field removed`."""
    where: str
    """The part of the contract: `Memory.tier`, `limit in the query`, an operation's name."""
    what: str
    """What came, went or is now another."""
    breaks: bool
    """Whether programs that worked may now fail, or do something else."""
    why: str
    """Why it breaks users, or why not."""
    side: str = ""
    """`request` or `answer`; empty where it is about the operation as a whole."""
    operations: tuple[str, ...] = ()
    """The operations that have it."""
    name: str = ""
    """What programs write for it: the name of a field, an argument, an operation, a value."""
    before: Any = None
    """The old value, limit, default or list of values, where there was one."""
    after: Any = None
    """The new one."""


def judged(
    kind: str,
    where: str,
    what: str,
    *,
    side: str = "",
    operation: str = "",
    name: str = "",
    before: Any = None,
    after: Any = None,
) -> Change:
    """Return a change with the verdict that its kind and side have."""
    verdict = VERDICTS[kind, side]
    return Change(
        kind,
        where,
        what,
        verdict.breaks,
        verdict.why,
        side,
        (operation,) if operation else (),
        name,
        before,
        after,
    )


def merged(changes: Iterable[Change]) -> list[Change]:
    """Return each change once, with all the operations that have it; those that break first."""
    found: dict[tuple[str, str, str, str], Change] = {}
    for change in changes:
        key = (change.kind, change.side, change.where, change.what)
        known = found.get(key, replace(change, operations=()))
        joined = tuple(dict.fromkeys([*known.operations, *change.operations]))
        found[key] = replace(known, operations=joined)
    return sorted(found.values(), key=_weight)


def _weight(change: Change) -> int:
    return 2 if change.kind in {"documentation", "wording"} else int(not change.breaks)
