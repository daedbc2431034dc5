"""Operations that let a value pass which this SDK's contract doesn't name.

An export of a newer service may contain a new `tier`, for example. An import sends it: a service
that is as new takes it.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, Tuple, TypeVar

from memoryos._protocol import operations

T = TypeVar("T")

_MAX_CHOICE_LENGTH = 100  # it is sent in a URL, which can't have any length


def _with_open_choices(operation: operations.Operation[T]) -> operations.Operation[T]:
    """Return an operation whose arguments may have any short value of their type."""
    fields = {name: getattr(operation, name) for name in operation.__slots__}
    fields["arguments"] = {
        name: argument._replace(schema=_open_schema(argument.schema))
        for name, argument in operation.arguments.items()
    }
    return operations.Operation(**fields)


def _open_schema(schema: Dict[str, Any]) -> Dict[str, Any]:
    if "enum" not in schema:
        return schema
    rules = {key: rule for key, rule in schema.items() if key != "enum"}
    return {**rules, "minLength": 1, "maxLength": _MAX_CHOICE_LENGTH}


CREATE = _with_open_choices(operations.create_memory)
UPDATE = _with_open_choices(operations.update_memory)
LIST = _with_open_choices(operations.list_memories)


def unknown_choices(
    operation: operations.Operation[Any], arguments: Mapping[str, Any]
) -> Iterator[Tuple[str, str]]:
    """Yield the arguments, with their values, whose value the contract doesn't name."""
    documented = operations.OPERATIONS[operation.name].arguments
    for name, value in arguments.items():
        choices = documented[name].schema.get("enum")
        if choices is not None and isinstance(value, str) and value not in choices:
            yield name, value


def can_be_listed(name: str) -> bool:
    """Return whether memories can be listed by an argument, so that a service checks its value."""
    return name in LIST.arguments
