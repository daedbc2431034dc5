"""`memoryos_api/operations.py`: the table of operations as Python text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generation.operations import Argument, Operation, read_operations
from generation.schemas import RULES

if TYPE_CHECKING:
    from generation.contract import Json

HEADER = '''"""Every operation of the contract, as plain data.

Written by `make regenerate` from openapi.yaml; never edited by hand.
"""

from typing import Any, Dict, NamedTuple, Optional, Tuple


class Argument(NamedTuple):
    """One argument of an operation."""

    name: str
    """The name that people write."""
    wire_name: str
    """The name in the request."""
    generated_name: str
    """The name in the generated code, which avoids Python's own names by an underscore."""
    location: str
    """`path`, `query`, `header` or `body` (a property of the JSON body)."""
    required: bool
    default: Any
    """None where the contract names no default."""
    description: str
    schema: Dict[str, Any]
    """The JSON Schema that the SDK checks before sending, with every reference resolved."""
    local_limits: str
    """The limits that only the local Memory OS is known to enforce, in words. Not checked."""


class Operation(NamedTuple):
    """One operation of the HTTP API."""

    name: str
    """The operationId."""
    summary: str
    description: str
    method: str
    """In capitals."""
    path: str
    """The template, such as `/memories/{memory_id}`."""
    module: str
    """The module of the generated functions."""
    scopes: Tuple[str, ...]
    """The scopes that the key needs."""
    successes: Tuple[int, ...]
    """The documented statuses of success."""
    errors: Dict[int, Tuple[str, ...]]
    """The documented error statuses, each with its documented codes on the wire."""
    body: Optional[str]
    """The schema of the JSON body; None where there is no body."""
    answer: Optional[str]
    """The schema of the answer, which includes the envelope."""
    arguments: Dict[str, Argument]
    """By the name that people write; path, query and header first, then the body's properties."""
    body_rules: Dict[str, Any]
    """The JSON Schema rules of the body as a whole, besides those of its single properties."""

'''


def render(contract: Json) -> str:
    """The text of `operations.py`."""
    table = read_operations(contract)
    keywords = sorted(_keywords(argument.schema for item in table for argument in _all(item)))
    entries = "".join(f"{item.name!r}: {_source(item)},\n" for item in table)
    return (
        f"{HEADER}\n"
        f"OPERATIONS: Dict[str, Operation] = {{\n{entries}}}\n"
        f'"""By operationId, in the order of the contract."""\n\n'
        f"KEYWORDS = {tuple(keywords)!r}\n"
        f'"""The JSON Schema keywords that the arguments\' schemas use."""\n'
    )


def _all(operation: Operation) -> list[Argument]:
    return list(operation.arguments.values())


def _keywords(schemas: Any) -> set[str]:
    found: set[str] = set()
    for schema in schemas:
        found |= schema.keys() & RULES
        found |= _keywords(schema.get("properties", {}).values())
        nested = (schema.get("items"), schema.get("additionalProperties"))
        found |= _keywords(part for part in nested if isinstance(part, dict))
    return found


def _source(record: Operation | Argument) -> str:
    fields = ", ".join(f"{name}={_value(value)}" for name, value in vars(record).items())
    return f"{type(record).__name__}({fields},)"


def _value(value: Any) -> str:
    if isinstance(value, dict) and value and isinstance(next(iter(value.values())), Argument):
        items = ", ".join(f"{name!r}: {_source(item)}" for name, item in value.items())
        return f"{{{items},}}"
    return repr(value)
