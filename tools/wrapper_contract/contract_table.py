"""What the wrapper is held to: operations with their arguments, answers, lists of values."""

from __future__ import annotations

import ast
import json
import runpy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from generation.contract import Json

PACKAGE = "generated/memoryos_api"


@dataclass(frozen=True)
class Table:
    """What the wrapper is held to."""

    operations: dict[str, Any]
    """Records with the fields of the generated `operations.py`, by operationId."""
    handed_out: dict[str, str]
    """The typed dictionary that each operation hands out, by operationId."""
    literals: dict[str, list[Any]]
    """The values of every `Literal` of the generated `typed_dicts.py`, by its name."""


def read(root: Path) -> Table:
    """Read the generated package of the project at `root`, which needs no generator."""
    operations = runpy.run_path(str(root / PACKAGE / "operations.py"))["OPERATIONS"]
    contract = json.loads((root / PACKAGE / "contract.json").read_text(encoding="utf-8"))
    typed_dicts = (root / PACKAGE / "typed_dicts.py").read_text(encoding="utf-8")
    return _table(contract, operations, typed_dicts)


def of_contract(contract: Json) -> Table:
    """Return what the generated package would hold; this needs the generator."""
    from generation import typed_dicts
    from generation.operations import read_operations

    operations = {operation.name: operation for operation in read_operations(contract)}
    return _table(contract, operations, typed_dicts.render(contract))


def _table(contract: Json, operations: dict[str, Any], typed_dicts: str) -> Table:
    schemas = contract["components"]["schemas"]
    answers = {name: operation.answer for name, operation in operations.items()}
    return Table(
        operations=operations,
        handed_out={
            name: _handed_out(schemas, answer) for name, answer in answers.items() if answer
        },
        literals=_literals(typed_dicts),
    )


def _handed_out(schemas: Json, answer: str) -> str:
    """The `data` of an envelope; of a page, the whole of it."""
    data = schemas[answer]["properties"]["data"]
    return str(data["$ref"]).rpartition("/")[2] if "$ref" in data else answer


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
