"""JSON Schema validation, and defaults of a schema."""

from __future__ import annotations

import copy
from itertools import islice
from typing import TYPE_CHECKING, Any

from memoryos_server.per_process import importing

from .field_errors import MAX_REPORTED_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema_rs import Draft202012Validator

    from .field_errors import FieldError

__all__ = ["Schema", "resolve"]


class Schema:
    """A compiled JSON Schema (2020-12). Thread-safe.

    Args:
        schema: The schema.
        document: The OpenAPI document that its references point into.
    """

    def __init__(self, schema: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        self._schema = {"components": document.get("components", {}), "allOf": [schema]}
        self._validator: Draft202012Validator | None = None
        self._normalize = _normalizer(schema, document)
        facets = list(_facets(schema, document))
        self.types = frozenset(_types(facets))
        self.items: Schema | None = next(
            (Schema(facet["items"], document) for facet in facets if "items" in facet), None
        )
        self.content: Schema | None = next(
            (
                Schema(facet["contentSchema"], document)
                for facet in facets
                if "contentSchema" in facet
            ),
            None,
        )
        """The schema of the JSON text that a string contains, or None for any string."""
        defaults = [facet["default"] for facet in facets if "default" in facet]
        self.has_default = bool(defaults)
        self._default = defaults[0] if defaults else None

    @property
    def default(self) -> Any:
        """A copy of the schema's default, or None."""
        return copy.deepcopy(self._default)

    def errors(self, value: Any, name: str) -> list[FieldError]:
        """Validate a value.

        Args:
            value: The decoded JSON value.
            name: Name of the value in messages, such as `body` or `query.limit`.

        Returns:
            The first `MAX_REPORTED_ERRORS` errors.
        """
        validator = self._compiled()
        if validator.is_valid(value):
            return []
        from .validation_messages import describe

        rules = dict(_pattern_rules(self._schema))
        field_errors = (
            field_error
            for error in validator.iter_errors(value)
            for field_error in describe(name, error, rules)
        )
        return list(islice(field_errors, MAX_REPORTED_ERRORS))

    def complete(self, value: Any) -> Any:
        """Return a valid value in normalized form; objects are modified in place.

        Missing properties get their defaults, integers become `int` (JSON Schema accepts 1.0 as an
        integer), and UUIDs become lower case, the form that this server stores.
        """
        return value if self._normalize is None else self._normalize(value)

    def _compiled(self) -> Draft202012Validator:
        """Return the validator, compiled by the first call. Two threads may both compile it."""
        if self._validator is None:
            with importing():
                from jsonschema_rs import Draft202012Validator
            self._validator = Draft202012Validator(self._schema, validate_formats=True)
        return self._validator


def resolve(node: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `node`, or the target if it is a local reference."""
    while "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _facets(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schema, the targets of its `$ref` and the members of its `allOf`."""
    yield schema
    if "$ref" in schema:
        yield from _facets(resolve(schema, document), document)
    for part in schema.get("allOf", ()):
        yield from _facets(part, document)


def _pattern_rules(node: Any) -> Iterator[tuple[str, str]]:
    """Yield each pattern of a contract that is explained, and the words."""
    if isinstance(node, dict):
        if "x-pattern-rule" in node:
            yield node["pattern"], node["x-pattern-rule"]
        for part in node.values():
            yield from _pattern_rules(part)
    elif isinstance(node, list):
        for part in node:
            yield from _pattern_rules(part)


def _types(facets: list[Mapping[str, Any]]) -> Iterator[str]:
    for facet in facets:
        named = facet.get("type", ())
        yield from [named] if isinstance(named, str) else named


def _normalizer(
    schema: Mapping[str, Any], document: Mapping[str, Any]
) -> Callable[[Any], Any] | None:
    """Return a function that normalizes a valid value, or None if there is nothing to change."""
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

    def normalize(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return normalize


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
    steps = {name: _normalizer(schema, document) for name, schema in properties.items()}
    changed = {name: step for name, step in steps.items() if step is not None}
    defaults = {
        name: inner["default"]
        for name, schema in properties.items()
        for inner in _facets(schema, document)
        if "default" in inner
    }
    if not changed and not defaults:
        return None

    def normalize(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        for name in changed.keys() & value.keys():
            value[name] = changed[name](value[name])
        for name in defaults.keys() - value.keys():
            value[name] = copy.deepcopy(defaults[name])
        return value

    return normalize


def _array_step(
    facet: Mapping[str, Any], document: Mapping[str, Any]
) -> Callable[[Any], Any] | None:
    step = _normalizer(facet["items"], document) if "items" in facet else None
    if step is None:
        return None
    return lambda value: [step(item) for item in value] if isinstance(value, list) else value
