"""One change of the contract."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contract_changes.severity import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Change:
    """One change, and its effect on users."""

    kind: str
    """A name of `severity.SEVERITIES`, such as `field removed`."""
    where: str
    """The part of the contract: `Memory.tier`, `limit in the query`, an operation's name."""
    what: str
    """What was added, removed or changed."""
    breaks: bool
    """Whether working programs may now fail, or do something else."""
    why: str
    """Why it breaks users, or why not."""
    side: str = ""
    """`request` or `answer`; empty if it concerns the operation as a whole."""
    operations: tuple[str, ...] = ()
    """The operations affected by it."""
    name: str = ""
    """Its name in programs: of a field, an argument, an operation or a value."""
    before: Any = None
    """The old value, limit, default or list of values, if there was one."""
    after: Any = None
    """The new one."""


def classified(
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
    """Return a change with the severity of its kind and side."""
    severity = SEVERITIES[kind, side]
    return Change(
        kind,
        where,
        what,
        severity.breaks,
        severity.why,
        side,
        (operation,) if operation else (),
        name,
        before,
        after,
    )


def merged(changes: Iterable[Change]) -> list[Change]:
    """Return each change once, with all its operations; breaking changes first."""
    found: dict[tuple[str, str, str, str], Change] = {}
    for change in changes:
        key = (change.kind, change.side, change.where, change.what)
        known = found.get(key, replace(change, operations=()))
        joined = tuple(dict.fromkeys([*known.operations, *change.operations]))
        found[key] = replace(known, operations=joined)
    return sorted(found.values(), key=_weight)


def _weight(change: Change) -> int:
    return 2 if change.kind in {"documentation", "wording"} else int(not change.breaks)
