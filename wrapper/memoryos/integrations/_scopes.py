"""The scope of an agent's run: whose memories it may see. Without one, nothing is recalled."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any, Callable, Dict, Mapping, Union, cast

from memoryos._protocol.argument_errors import invalid_argument, shown, shown_kind

__all__ = ["Scope", "checked", "fixed", "resolve"]

Scope = Union[Mapping[str, str], Callable[[Any], Mapping[str, str]]]
"""Keys and values such as `{"user": "alice"}`, or a function of the framework's run context that
returns them."""

_SCOPE_RULE = (
    'must be a mapping such as {"user": "alice"}, or a function of the run context that returns one'
)
_FIXED_RULE = (
    'must be a mapping such as {"user": "alice"}: the framework gives no run context to ask a '
    "function with"
)
_RESULT_RULE = 'must be a mapping with at least one key, such as {"user": "alice"}'
_VALUE_RULE = "must be a non-empty string"


def checked(scope: Any) -> Scope:
    """Return a scope as it was given, if it can be one: for the constructors of integrations.

    Raises:
        ValidationError: It is neither a (synchronous) function nor a mapping of texts to texts, or
            it is empty.
    """
    if iscoroutinefunction(scope):
        raise invalid_argument("scope", shown(scope), "must not be asynchronous")
    if not callable(scope):
        if not isinstance(scope, Mapping):
            raise invalid_argument("scope", shown_kind(scope), _SCOPE_RULE)
        resolve(cast("Scope", scope), None)
    return cast("Scope", scope)


def resolve(scope: Scope, context: Any) -> Dict[str, str]:
    """Return the scope of a run, for `client.scoped(**resolve(scope, context))`.

    Args:
        scope: A mapping, or a function of `context` that returns one.
        context: The framework's run context.

    Raises:
        ValidationError: The scope is empty, or a key or a value is no text or empty. Nothing may be
            stored or recalled then.
    """
    keys = scope(context) if callable(scope) else scope
    name = "the result of the function `scope`" if callable(scope) else "scope"
    if not isinstance(keys, Mapping) or not keys:
        raise invalid_argument(name, shown_kind(keys), _RESULT_RULE)
    for key, value in keys.items():
        if not isinstance(key, str) or not key:
            raise invalid_argument(f"a key of {name}", shown(key), _VALUE_RULE)
        if not isinstance(value, str) or not value:
            raise invalid_argument(f"{name}, {key!r},", shown_kind(value), _VALUE_RULE)
    return dict(keys)


def fixed(scope: Mapping[str, str]) -> Dict[str, str]:
    """Return the scope of something made for one user, whose framework has no run context.

    A function would be asked once, so that all users had the scope of the first one.

    Raises:
        ValidationError: It is a function, or no mapping of texts to texts, or empty.
    """
    if callable(scope):
        raise invalid_argument("scope", shown(scope), _FIXED_RULE)
    return resolve(scope, None)
