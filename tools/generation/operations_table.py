"""`memoryos_api/operations.py`: the table of operations as Python text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generation.keywords import RULES
from generation.operations import Argument, Operation, read_operations

if TYPE_CHECKING:
    from generation.contract import Json

HEADER = '''"""Every operation of the contract, as plain data.

Each stands under its operationId, typed by what the SDK returns; `OPERATIONS` has them all.
Written by `make regenerate` from openapi.yaml; never edited by hand.
"""

from typing import TYPE_CHECKING, Any, Dict, Generic, NamedTuple, Optional, Tuple, TypeVar

if TYPE_CHECKING:
    from . import typed_dicts

ResultT = TypeVar("ResultT")


class Argument(NamedTuple):
    """One argument of an operation."""

    name: str
    """The name that people write."""
    wire_name: str
    """The name in the request."""
    generated_name: str
    """The name in the generated functions: `type_` where Python has a name `type`."""
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
    feature: str
    """The feature that a service must name before this is sent; empty for none."""


class Operation(Generic[ResultT]):
    """One operation of the HTTP API.

    Attributes:
        name: The operationId.
        summary: What it does, in a few words.
        description: What it does, in full.
        method: The HTTP method, in capitals.
        path: The template, such as `/memories/{memory_id}`.
        module: The generated module with `build_request`, `sync` and `asyncio`.
        scopes: The permissions that the key needs.
        successes: The documented statuses of success.
        errors: The documented error statuses, each with its documented codes on the wire.
        body: The schema of the JSON body; None for no body.
        response: The schema of a success, envelope included; None for no body.
        result: The schema of what the SDK returns: the envelope's `data`, or a whole page.
        response_kind: `item` (`data` is an object), `page` (`data` is a list), `deletion`, or
            `other` (no envelope).
        arguments: By the name that people write; path, query and header first, then the body's
            properties.
        body_rules: JSON Schema rules of the body as a whole.
    """

    __slots__ = (
        *("name", "summary", "description", "method", "path", "module", "scopes", "successes"),
        *("errors", "body", "response", "result", "response_kind", "arguments", "body_rules"),
    )

    def __init__(
        self,
        *,
        name: str,
        summary: str,
        description: str,
        method: str,
        path: str,
        module: str,
        scopes: Tuple[str, ...],
        successes: Tuple[int, ...],
        errors: Dict[int, Tuple[str, ...]],
        body: Optional[str],
        response: Optional[str],
        result: Optional[str],
        response_kind: str,
        arguments: Dict[str, Argument],
        body_rules: Dict[str, Any],
    ) -> None:
        self.name = name
        self.summary = summary
        self.description = description
        self.method = method
        self.path = path
        self.module = module
        self.scopes = scopes
        self.successes = successes
        self.errors = errors
        self.body = body
        self.response = response
        self.result = result
        self.response_kind = response_kind
        self.arguments = arguments
        self.body_rules = body_rules

    def __repr__(self) -> str:
        return f"Operation({self.name}, {self.method} {self.path})"

'''


def render(contract: Json) -> str:
    """Return the text of `operations.py`."""
    table = read_operations(contract)
    keywords = sorted(_keywords(argument.schema for item in table for argument in _all(item)))
    handles = "".join(f"{item.name}: {_type(item)} = {_source(item)}\n" for item in table)
    names = "".join(f"{item.name},\n" for item in table)
    return (
        f"{HEADER}\n{handles}\n"
        f"OPERATIONS: Dict[str, Operation[Any]] = {{\n"
        f"operation.name: operation for operation in (\n{names})}}\n"
        f'"""By operationId, in the order of the contract."""\n\n'
        f"KEYWORDS = {tuple(keywords)!r}\n"
        f'"""The JSON Schema keywords that the arguments\' schemas use."""\n\n'
        f"__all__ = {_exported(table)!r}\n"
    )


def _exported(table: list[Operation]) -> list[str]:
    return ["KEYWORDS", "OPERATIONS", "Argument", "Operation", *sorted(item.name for item in table)]


def _type(operation: Operation) -> str:
    result = f"typed_dicts.{operation.result}" if operation.result else "None"
    return f"Operation[{result}]"


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
