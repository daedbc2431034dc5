"""The arguments of a tool, derived from the operation that it calls."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from memoryos._protocol.operations import Argument, Operation

__all__ = ["arguments_of"]

_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "object": dict[str, Any]}

# JSON Schema's limits, by the names that pydantic gives them.
_LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
}


def arguments_of(
    operation: Operation[Any],
    *,
    without: Collection[str] = (),
    required: Collection[str] = (),
    defaults: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a tool `(self, **arguments)` the arguments of an operation.

    Args:
        operation: The operation. An argument that joins it later joins the tool.
        without: Arguments that models don't need.
        required: Arguments that this tool needs, besides the operation's.
        defaults: Defaults that differ from the operation's.
        more: Further optional arguments, with their types.
    """
    parameters = [
        _parameter(
            argument,
            required=argument.required or name in required,
            default=(defaults or {}).get(name, argument.default),
        )
        for name, argument in operation.arguments.items()
        if name not in without
    ]
    parameters.sort(key=lambda parameter: parameter.default is not inspect.Parameter.empty)
    for name, annotation in (more or {}).items():
        parameters.append(_keyword(name, annotation, None))

    def decorate(tool: Callable[..., Any]) -> Callable[..., Any]:
        own = inspect.signature(tool, eval_str=True)
        receiver = own.parameters["self"]
        signature = own.replace(parameters=[receiver, *parameters])
        tool.__signature__ = signature  # type: ignore[attr-defined]
        return tool

    return decorate


def _parameter(argument: Argument, *, required: bool, default: Any) -> inspect.Parameter:
    limits = {_LIMITS[rule]: value for rule, value in argument.schema.items() if rule in _LIMITS}
    field: Any = Field(description=argument.description, **limits)
    annotation: Any = _type(argument.schema)
    if default is None and not required:
        annotation = annotation | None
    return _keyword(
        argument.name,
        Annotated[annotation, field],
        inspect.Parameter.empty if required else default,
    )


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _type(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    if schema["type"] == "array":
        return list[_type(schema["items"])]  # type: ignore[misc]
    return _TYPES[schema["type"]]
