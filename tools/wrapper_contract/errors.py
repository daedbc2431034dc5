"""Where the error classes disagree with the documented errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wrapper_contract.disagreement import Disagreement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wrapper_contract.contract_table import Table
    from wrapper_contract.source import Wrapper

ROOT_CLASS = "MemoryOSError"
SERVER_CLASS = "ServerError"

# Documented statuses that are rare enough to be told apart by their code alone.
WITHOUT_A_CLASS = {408: "REQUEST_TIMEOUT", 413: "PAYLOAD_TOO_LARGE"}

# Statuses that no operation documents and that clients treat as another one.
TREATED_AS = {422: 400}


def class_of(status: int, wrapper: Wrapper) -> str:
    """Return the name of the class that a status is raised as."""
    return wrapper.error_classes.get(status, SERVER_CLASS if status >= 500 else ROOT_CLASS)


def documented(table: Table) -> dict[tuple[int, str], list[str]]:
    """Return the operations that have each documented error, by status and code."""
    found: dict[tuple[int, str], list[str]] = {}
    for name, operation in table.operations.items():
        for status, codes in operation.errors.items():
            for code in codes or ("",):
                found.setdefault((status, code), []).append(name)
    return dict(sorted(found.items()))


def disagreements(table: Table, wrapper: Wrapper) -> Iterator[Disagreement]:
    """Yield the documented errors without a class, and the classes without a documented error."""
    file, line = wrapper.error_table.file, wrapper.error_table.line
    errors = documented(table)
    for (status, code), names in errors.items():
        if not code:
            yield Disagreement(
                "openapi.yaml", 1, f"status {status} of {names[0]} has no example with a code."
            )
        elif class_of(status, wrapper) == ROOT_CLASS and WITHOUT_A_CLASS.get(status) != code:
            yield Disagreement(
                file,
                line,
                f"status {status} ({code}, documented for {', '.join(names)}) has no class: add "
                f"`{status}: …Error` to ERROR_CLASSES.",
            )
    statuses = {status for status, _ in errors}
    statuses |= {status for status, alike in TREATED_AS.items() if alike in statuses}
    for status in sorted(wrapper.error_classes.keys() - statuses):
        yield Disagreement(
            file, line, f"status {status} has a class and is not in the contract: remove it."
        )
    codes = {code for _, code in errors}
    for code in sorted(wrapper.translated_codes.keys() - codes):
        yield Disagreement(
            file, line, f"the code {code} is translated and not in the contract: remove it."
        )
