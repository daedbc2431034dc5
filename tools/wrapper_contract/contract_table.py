"""What the SDK is compared with: the operations, and the lists of values."""

from __future__ import annotations

import ast
import runpy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from generation.contract import Json

PACKAGE = "generated/memoryos_api"


@dataclass(frozen=True)
class Table:
    """The contract, as far as methods can differ from it."""

    operations: dict[str, Any]
    """Records with the fields of the generated `operations.py`, by operationId."""
    literals: dict[str, list[Any]]
    """The values of every `Literal` of the generated `typed_dicts.py`, by its name."""


def read(root: Path) -> Table:
    """Read the generated package of the project at `root`; this needs no generator."""
    operations = runpy.run_path(str(root / PACKAGE / "operations.py"))["OPERATIONS"]
    typed_dicts = (root / PACKAGE / "typed_dicts.py").read_text(encoding="utf-8")
    return Table(operations, _literals(typed_dicts))


def of_contract(contract: Json) -> Table:
    """Return what the generated package of a contract would have; this needs the generator."""
    from generation import typed_dicts
    from generation.operations import read_operations

    operations = {operation.name: operation for operation in read_operations(contract)}
    return Table(operations, _literals(typed_dicts.render(contract)))


def _literals(source: str) -> dict[str, list[Any]]:
    return {
        target.id: ast.literal_eval(f"[{ast.unparse(node.value.slice).strip('()')}]")
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
        and isinstance(node.value, ast.Subscript)
        and ast.unparse(node.value.value) == "Literal"
    }
