"""Find where the SDK and the server differ from the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wrapper_contract import contract_table as tables
from wrapper_contract import errors, methods, source
from wrapper_contract.disagreement import Disagreement
from wrapper_contract.source import CLIENT, SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wrapper_contract.contract_table import Table
    from wrapper_contract.source import Location, Wrapper


def of_project(root: Path) -> list[Disagreement]:
    """Return every disagreement in the project at `root`."""
    return disagreements(tables.read(root), source.read(root))


def disagreements(table: Table, wrapper: Wrapper) -> list[Disagreement]:
    """Return every disagreement, sorted by file and line."""
    found = [
        *_missing_methods(table, wrapper),
        *methods.disagreements(table, wrapper),
        *errors.disagreements(table, wrapper),
        *_service(table, wrapper),
    ]
    return sorted(set(found))


def _missing_methods(table: Table, wrapper: Wrapper) -> Iterator[Disagreement]:
    covered = {method.operation for method in wrapper.methods}
    for name, operation in table.operations.items():
        if name not in covered:
            place = _neighbour(table, wrapper, operation)
            yield Disagreement(
                place.file,
                place.line,
                f"{CLIENT} has no method for the operation `{name}` ({operation.method} "
                f"{operation.path}): write one that calls `operations.{name}`. Until then, "
                f"`low_level` can send it.",
            )


def _neighbour(table: Table, wrapper: Wrapper, operation: Any) -> Location:
    """Return the class with the other operations of the same tag, or else the client's."""
    folder = operation.module.rpartition(".")[0]
    for method in wrapper.methods:
        other = table.operations.get(method.operation)
        if other and other.module.startswith(f"{folder}."):
            return wrapper.classes[method.owner]
    return wrapper.classes[CLIENT]


def _service(table: Table, wrapper: Wrapper) -> Iterator[Disagreement]:
    for name in table.operations if wrapper.service else ():
        if name not in wrapper.service:
            yield Disagreement(
                SERVICE,
                wrapper.service["Service"].line,
                f"Service has no method `{name}`: write it, so that the local Memory OS has the "
                f"operation.",
            )
