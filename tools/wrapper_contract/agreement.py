"""Where the wrapper and the server disagree with the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wrapper_contract import contract_table as tables
from wrapper_contract import errors, methods, source
from wrapper_contract.disagreement import Disagreement
from wrapper_contract.source import CLIENTS, OPERATIONS, SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wrapper_contract.contract_table import Table
    from wrapper_contract.source import Location, Wrapper


def of_project(root: Path) -> list[Disagreement]:
    """Return every disagreement in the project at `root`."""
    return disagreements(tables.read(root), source.read(root))


def disagreements(table: Table, wrapper: Wrapper) -> list[Disagreement]:
    """Return every disagreement, in the order of files and lines.

    What is wrong in the synchronous client in the same way as in the asynchronous one, which it is
    written from, is said once.
    """
    found = [
        *_operation_functions(table, wrapper),
        *_missing_methods(table, wrapper),
        *methods.disagreements(table, wrapper),
        *errors.disagreements(table, wrapper),
        *_service(table, wrapper),
    ]
    return sorted(set(_without_echoes(found)))


def _without_echoes(found: list[Disagreement]) -> Iterator[Disagreement]:
    said = {(item.file, item.sentence.replace("Async", "")) for item in found}
    for item in found:
        twin = item.file.replace("/_", "/_async_")
        if twin == item.file or (twin, item.sentence) not in said:
            yield item


def _operation_functions(table: Table, wrapper: Wrapper) -> Iterator[Disagreement]:
    built = {item.operation: item for item in wrapper.functions.values()}
    for name, operation in table.operations.items():
        item = built.get(name)
        if item is None:
            wanted = f"def {name}({', '.join(operation.arguments)})"
            yield Disagreement(
                OPERATIONS, 1, f"nothing builds the operation `{name}`: write `{wanted}`."
            )
            continue
        function = item.function
        for argument in operation.arguments:
            if argument not in function.parameters or argument not in item.passed:
                yield Disagreement(
                    OPERATIONS,
                    function.line,
                    f"{function.name} does not take `{argument}` and pass it on, which the "
                    f"contract has: add it to the signature and to the call of `_build`.",
                )
        for argument in sorted({*function.parameters, *item.passed} - operation.arguments.keys()):
            yield Disagreement(
                OPERATIONS,
                function.line,
                f"{function.name} takes `{argument}`, which the contract does not have: remove it.",
            )
    for item in wrapper.functions.values():
        if item.operation not in table.operations:
            yield Disagreement(
                OPERATIONS,
                item.function.line,
                f"{item.function.name} builds the operation `{item.operation}`, which the "
                f"contract does not have: remove it, or name the operation that took its place.",
            )


def _missing_methods(table: Table, wrapper: Wrapper) -> Iterator[Disagreement]:
    for client in CLIENTS:
        done = {
            wrapper.functions[method.calls].operation
            for method in wrapper.methods
            if method.client == client and method.calls in wrapper.functions
        }
        for name, operation in table.operations.items():
            if name not in done:
                place = _place(table, wrapper, client, operation)
                yield Disagreement(
                    place.file,
                    place.line,
                    f"{client} has no method for the operation `{name}` ({operation.method} "
                    f"{operation.path}): write one that calls `_operations.{name}`.",
                )


def _place(table: Table, wrapper: Wrapper, client: str, operation: Any) -> Location:
    """The class that has the neighbours of an operation, else the client's."""
    folder = operation.module.rpartition(".")[0]
    for method in wrapper.methods:
        function = wrapper.functions.get(method.calls)
        neighbour = table.operations.get(function.operation) if function else None
        if method.client == client and neighbour and neighbour.module.startswith(f"{folder}."):
            return wrapper.classes[method.owner]
    return wrapper.classes.get(client, source.Location(CLIENTS[client], 1))


def _service(table: Table, wrapper: Wrapper) -> Iterator[Disagreement]:
    for name in table.operations if wrapper.service else ():
        if name not in wrapper.service:
            yield Disagreement(
                SERVICE,
                wrapper.service["Service"].line,
                f"Service has no method `{name}`: write it, so that the local Memory OS answers.",
            )
