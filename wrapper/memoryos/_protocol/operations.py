"""From an operation of the contract and its arguments to a call that can be sent.

Pure. The rules of the arguments come from the generated table, the request from the generated
request builders, which the low-level client's own functions use too.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    FrozenSet,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Set,
    Tuple,
    TypeVar,
)

from memoryos._imports import importing
from memoryos_api.operations import *  # noqa: F403 - each operation, typed by what it returns
from memoryos_api.operations import OPERATIONS as OPERATIONS  # noqa: PLC0414 - a re-export
from memoryos_api.operations import Argument as Argument  # noqa: PLC0414 - a re-export
from memoryos_api.operations import Operation as Operation  # noqa: PLC0414 - a re-export

from . import idempotency_keys, json_codec, validation
from .argument_errors import invalid_argument
from .calls import Call
from .responses import ResponseKind

if TYPE_CHECKING:
    from memoryos_api.types import Request as RequestParts

T = TypeVar("T")


def build_call(operation: Operation[T], arguments: Mapping[str, Any]) -> Call[T]:
    """Check the arguments of an operation, and return the call to send.

    Args:
        operation: The operation.
        arguments: By name. None stands for an argument that was left out; names that are not the
            operation's are ignored, so that a method can pass its `locals()`.

    Raises:
        ValidationError: An argument is missing or breaks a rule of the contract.
    """
    plan = _plan_of(operation)
    parameters: Dict[str, Any] = {}
    body: Dict[str, Any] = {}
    features: Set[str] = set()
    is_quick = True
    for name, body_name, accepts, argument in plan.arguments:
        value = arguments.get(name)
        if value is not None and not _is_off(argument, value):
            features.add(argument.feature)
            if not accepts(value):
                is_quick = False
                value = _checked(name, value, argument)
            if body_name is None:
                parameters[argument.generated_name] = value
            else:
                body[body_name] = value
        elif argument.required:
            raise invalid_argument(name, "None", "must be given")
    if operation.body is not None:
        if operation.body_rules:
            _check_body(operation, body)
        parameters["body"] = body
    key = plan.key
    if key is not None and key.generated_name not in parameters:
        parameters[key.generated_name] = idempotency_keys.new_key()
    request = _builders()[operation.name](**parameters)
    features.discard("")
    content = None
    if request.body is not None:
        content = _encode(request.body, same_bytes=key is not None, is_quick=is_quick)
    return Call(
        operation.name,
        request.method,
        request.path,
        request.query,
        {name.lower(): value for name, value in request.headers.items()},
        content,
        plan.response_kind,
        operation.result or "",
        frozenset(features),
    )


class _Plan(NamedTuple):
    """What building the calls of an operation needs each time."""

    arguments: Tuple[Tuple[str, Optional[str], Callable[[Any], bool], Argument], ...]
    """Each argument's name, its name in the body if it belongs there, the quick check of its
    values, and the argument."""
    key: Optional[Argument]
    """The argument that is sent as `Idempotency-Key`."""
    response_kind: ResponseKind
    features: Tuple[Tuple[str, Argument], ...]
    """The arguments that belong to a feature, by name."""


@lru_cache(maxsize=None)
def _plan_of(operation: Operation[Any]) -> _Plan:
    arguments = [
        (name, one.wire_name if one.location == "body" else None, _quick_check_of(one), one)
        for name, one in operation.arguments.items()
    ]
    kind = ResponseKind(operation.response_kind)
    features = [(name, one) for name, one in operation.arguments.items() if one.feature]
    return _Plan(tuple(arguments), idempotency_argument(operation), kind, tuple(features))


def _checked(name: str, value: Any, argument: Argument) -> Any:
    """Return an argument that is valid, in the form in which it is sent."""
    value = validation.checked(name, value, argument.schema)
    if argument.location == "path" and value in _OTHER_RESOURCES:
        raise invalid_argument(name, repr(value), "must not be empty, '.' or '..'")
    return value


def _quick_check_of(argument: Argument) -> Callable[[Any], bool]:
    is_uuid = argument.schema.get("format") == "uuid"
    if argument.location == "path" and not is_uuid:  # it may name another resource
        return lambda _value: False
    return validation.quick_check(argument.schema)


def argument_names(operation_name: str) -> FrozenSet[str]:
    """Return the names of the arguments that an operation takes."""
    return frozenset(OPERATIONS[operation_name].arguments)


def arguments_of_features(
    operation_name: str, features: FrozenSet[str], arguments: Mapping[str, Any]
) -> List[str]:
    """Return the names of the given arguments that belong to these features."""
    return [
        name
        for name, argument in _plan_of(OPERATIONS[operation_name]).features
        if argument.feature in features
        and arguments.get(name) is not None
        and not _is_off(argument, arguments[name])
    ]


def _is_off(argument: Argument, value: Any) -> bool:
    """Return whether a value is False in place of leaving it out: nothing needs the feature."""
    return value is False and bool(argument.feature) and argument.schema.get("type") == "boolean"


def operation_at(method: str, path: str) -> Optional[Operation[Any]]:
    """Return the operation of a request, or None if the contract has none there."""
    segments = path.split("/")
    for operation in OPERATIONS.values():
        template = operation.path.split("/")
        if operation.method == method and len(template) == len(segments):
            pairs = zip(template, segments)
            if all(part == given or (part[:1] == "{" and given) for part, given in pairs):
                return operation
    return None


# As a segment of a path they name another resource, and can't be escaped.
_OTHER_RESOURCES = ("", ".", "..")


@lru_cache(maxsize=None)
def _builders() -> Dict[str, Callable[..., RequestParts]]:
    """Return the generated request builders, by operation; all are imported at the first call."""
    with importing():
        return {name: import_module(item.module).build_request for name, item in OPERATIONS.items()}


@lru_cache(maxsize=None)
def idempotency_argument(operation: Operation[Any]) -> Optional[Argument]:
    """Return the argument that is sent as `Idempotency-Key`; None if the operation has none."""
    for argument in operation.arguments.values():
        if argument.location == "header" and argument.wire_name.lower() == idempotency_keys.HEADER:
            return argument
    return None


def _check_body(operation: Operation[Any], body: Mapping[str, Any]) -> None:
    """Check the rules that concern several fields of the body."""
    rules = operation.body_rules
    if "anyOf" in rules:
        _check_choice([choice["required"] for choice in rules["anyOf"]], body)
    if len(body) < rules.get("minProperties", 0):
        fields = [a.wire_name for a in operation.arguments.values() if a.location == "body"]
        fewest = f"at least {rules['minProperties']} of {', '.join(fields)}"
        raise invalid_argument(fewest, "none", "must be given")


def _check_choice(choices: Any, body: Mapping[str, Any]) -> None:
    if not any(all(name in body for name in choice) for choice in choices):
        names = " or ".join(" and ".join(choice) for choice in choices)
        raise invalid_argument(names, "neither", "must be given")


def _encode(body: Any, *, same_bytes: bool, is_quick: bool) -> bytes:
    """Return a body as JSON.

    Args:
        body: The JSON object.
        same_bytes: Whether the bytes must be the same on every machine: a request that is repeated
            with its idempotency key must be identical.
        is_quick: Whether quick checks accepted all of it.
    """
    if is_quick:
        return json_codec.encode_alike(body)
    encode = json_codec.encode if same_bytes else json_codec.encode_fast
    try:
        return encode(body)
    except RecursionError:
        raise invalid_argument("metadata", "more", "must be nested less deeply") from None
    except ValueError:
        raise validation.too_many_digits("metadata") from None
