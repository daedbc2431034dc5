"""The full report on two contracts and the project that implements them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_changes import references
from contract_changes.comparison import compare
from contract_changes.mentions import mentions
from contract_changes.report import Report
from wrapper_contract import agreement, contract_table, source

if TYPE_CHECKING:
    from pathlib import Path

    from generation.contract import Json
    from wrapper_contract.source import Wrapper


def report(old: Json, new: Json, root: Path) -> Report:
    """Return the changes, and where the project at `root` doesn't match the new contract.

    Raises:
        ContractError: A contract is invalid.
        SyntaxError: A module of the wrapper can't be parsed.
    """
    wrapper = source.read(root)
    changes = compare(old, new)
    table = contract_table.of_contract(new)
    found = references.of_project(root) if changes else []
    return Report(
        changes,
        agreement.disagreements(table, wrapper),
        mentions(changes, found, calls(wrapper), new),
    )


def calls(wrapper: Wrapper) -> dict[str, set[str]]:
    """Return the methods that call each operation: `{"list_memories": {"memories.list"}}`."""
    found: dict[str, set[str]] = {}
    for method in wrapper.methods:
        found.setdefault(method.operation, set()).add(method.chain)
    return found
