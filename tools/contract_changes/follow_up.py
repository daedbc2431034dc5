"""From two contracts and the project that has to follow: the whole report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_changes import uses
from contract_changes.comparison import compare
from contract_changes.mentions import mentions
from contract_changes.report import Report
from wrapper_contract import agreement, contract_table, source

if TYPE_CHECKING:
    from pathlib import Path

    from generation.contract import Json
    from wrapper_contract.source import Wrapper


def report(old: Json, new: Json, root: Path) -> Report:
    """Return what changed, and where the project at `root` does not follow the new contract.

    Raises:
        ContractError: A contract is broken.
        SyntaxError: A module of the wrapper is not Python.
    """
    wrapper = source.read(root)
    changes = compare(old, new)
    table = contract_table.of_contract(new)
    said = uses.of_project(root) if changes else []
    return Report(
        changes,
        agreement.disagreements(table, wrapper),
        mentions(changes, said, calls(wrapper), new),
    )


def calls(wrapper: Wrapper) -> dict[str, set[str]]:
    """Return how people call each operation: `{"list_memories": {"memories.list"}}`."""
    found: dict[str, set[str]] = {}
    for method in wrapper.methods:
        found.setdefault(method.operation, set()).add(method.chain)
    return found
