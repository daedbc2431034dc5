"""One schema of the contract, ready to check a value and to complete it."""

from __future__ import annotations

import copy
from itertools import islice
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator

from .validation_messages import FieldError, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Schema", "resolve"]

# A list of a thousand wrong numbers needs no thousand sentences.
_MOST_ERRORS = 20


class Schema:
    """A JSON Schema (2020-12) of the contract, compiled once; safe to share between threads."""

    def __init__(self, schema: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        """Compile `schema`, whose references point into `document`."""
        self._validator = Draft202012Validator(
            {"components": document.get("components", {}), "allOf": [schema]},
            validate_formats=True,
        )
        self._complete = _completion(schema, document)
        facets = list(_facets(schema, document))
        self.types = frozenset(_types(facets))
        self.items: Schema | None = next(
            (Schema(facet["items"], document) for facet in facets if "items" in facet), None
        )
        defaults = [facet["default"] for facet in facets if "default" in facet]
        self.has_default = bool(defaults)
        self._default = defaults[0] if defaults else None

    @property
    def default(self) -> Any:
        """The schema's default, a fresh copy; None where there is none."""
        return copy.deepcopy(self._default)

    def errors(self, value: Any, name: str) -> list[FieldError]:
        """Return the first rules that `value` breaks; `name` is what the value is called."""
        if self._validator.is_valid(value):
            return []
        described = (
            broken
            for error in self._validator.iter_errors(value)
            for broken in describe(name, error)
        )
        return list(islice(described, _MOST_ERRORS))

    def complete(self, value: Any) -> Any:
        """Return the valid `value` in its plain form.

        Defaults are filled in, integers are `int` (JSON Schema counts 1.0 as one), and UUIDs are in
        lower case, which is how this server writes them. Objects are changed in place.
        """
        return value if self._complete is None else self._complete(value)


def resolve(node: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what `node` stands for: itself, or what its local reference points to."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _facets(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schema and all that hold with it: the target of its `$ref`, its `allOf`."""
    yield schema
    if "$ref" in schema:
        yield from _facets(resolve(schema, document), document)
    for part in schema.get("allOf", ()):
        yield from _facets(part, document)


def _types(facets: list[Mapping[str, Any]]) -> Iterator[str]:
    for facet in facets:
        named = facet.get("type", ())
        yield from [named] if isinstance(named, str) else named


def _completion(
    schema: Mapping[str, Any], document: Mapping[str, Any]
) -> Callable[[Any], Any] | None:
    """Return a function that completes a valid value, or None where there is nothing to do."""
    steps = [
        step
        for facet in _facets(schema, document)
        for step in (
            _scalar_step(facet),
            _object_step(facet, document),
            _array_step(facet, document),
        )
        if step is not None
    ]
    if not steps:
        return None

    def complete(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return complete


def _scalar_step(facet: Mapping[str, Any]) -> Callable[[Any], Any] | None:
    types = set(_types([facet]))
    if "integer" in types and "number" not in types:
        return lambda value: int(value) if isinstance(value, float) else value
    if facet.get("format") == "uuid":
        return lambda value: value.lower() if isinstance(value, str) else value
    return None


def _object_step(
    facet: Mapping[str, Any], document: Mapping[str, Any]
) -> Callable[[Any], Any] | None:
    properties = facet.get("properties", {})
    steps = {name: _completion(schema, document) for name, schema in properties.items()}
    changed = {name: step for name, step in steps.items() if step is not None}
    defaults = {
        name: inner["default"]
        for name, schema in properties.items()
        for inner in _facets(schema, document)
        if "default" in inner
    }
    if not changed and not defaults:
        return None

    def complete(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        for name in changed.keys() & value.keys():
            value[name] = changed[name](value[name])
        for name in defaults.keys() - value.keys():
            value[name] = copy.deepcopy(defaults[name])
        return value

    return complete


def _array_step(
    facet: Mapping[str, Any], document: Mapping[str, Any]
) -> Callable[[Any], Any] | None:
    step = _completion(facet["items"], document) if "items" in facet else None
    if step is None:
        return None
    return lambda value: [step(item) for item in value] if isinstance(value, list) else value
