"""The contract as needed by checks: operations, parameters, responses and assumed parts."""

from __future__ import annotations

import copy
import json
import pkgutil
from dataclasses import dataclass
from typing import (
    AbstractSet,
    Any,
    Dict,
    FrozenSet,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
)

__all__ = ["Contract", "Operation", "Parameter", "load_contract"]

_METHODS = ("get", "post", "patch", "put", "delete")
_ASSUMED_LIMITS = "x-assumed-limits"
_FEATURE = "x-feature"
_TREATED_AS = {422: 400}


@dataclass(frozen=True)
class Parameter:
    """A parameter in the path, the query or a header.

    Attributes:
        name: Name of the parameter.
        location: `path`, `query` or `header`.
        schema: Schema of the value, without references.
        assumed: The contract marks the parameter as assumed.
        required: The parameter must be sent.
    """

    name: str
    location: str
    schema: Mapping[str, Any]
    assumed: bool
    required: bool


@dataclass(frozen=True)
class Operation:
    """An operation of the contract.

    Attributes:
        id: The `operationId`.
        method: HTTP method, in upper case.
        path: Path template, relative to the base URL.
        scopes: Scopes of API keys that permit the operation.
        parameters: Parameters in path, query and headers.
        body: Schema of the request body, or None.
        body_assumed: The contract marks the body as assumed.
        responses: Documented responses by status.
    """

    id: str
    method: str
    path: str
    scopes: Tuple[str, ...]
    parameters: Tuple[Parameter, ...]
    body: Optional[Mapping[str, Any]]
    body_assumed: bool
    responses: Mapping[str, Mapping[str, Any]]

    def query(self) -> Iterator[Parameter]:
        """Yield the query parameters."""
        return (parameter for parameter in self.parameters if parameter.location == "query")


class Contract:
    """An OpenAPI document.

    Args:
        document: The parsed document.

    Attributes:
        document: The parsed document.
        operations: The operations by id.
    """

    def __init__(self, document: Dict[str, Any]) -> None:
        self.document = document
        self.operations: Dict[str, Operation] = {
            operation.id: operation for operation in self._operations()
        }

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the target of a `$ref`, or the node itself."""
        while "$ref" in node:
            target: Any = self.document
            for step in node["$ref"][2:].split("/"):
                target = target[step]
            node = target
        return node

    def without_assumed_limits(self) -> Contract:
        """Return a copy without the assumed limits, which services need not enforce."""
        return Contract(_without_assumed_limits(copy.deepcopy(self.document)))

    def features(self) -> FrozenSet[str]:
        """Return the features that parameters and fields belong to."""
        return frozenset(_features(self.document))

    def with_features(self, names: AbstractSet[str]) -> Contract:
        """Return a copy without the parameters and fields of other features."""
        return Contract(_with_features(self.document, names))

    def response(self, operation: Operation, status: int) -> Optional[Mapping[str, Any]]:
        """Return the documented response of a status, or None. 422 is treated as 400."""
        equivalent = str(_TREATED_AS.get(status, status))
        return operation.responses.get(str(status), operation.responses.get(equivalent))

    def default(self, operation_id: str, name: str) -> Any:
        """Return the documented default of a query parameter or a property of the body."""
        operation = self.operations[operation_id]
        for parameter in operation.query():
            if parameter.name == name:
                return parameter.schema["default"]
        properties = self.plain_schema(operation.body or {})["properties"]
        return self.plain_schema(properties[name])["default"]

    def plain_schema(self, node: Mapping[str, Any]) -> Dict[str, Any]:
        """Return a schema with its outermost `$ref` and `allOf` merged, without assumed limits."""
        resolved: Dict[str, Any] = _without_assumed_limits(copy.deepcopy(dict(self.resolve(node))))
        parts: Sequence[Mapping[str, Any]] = resolved.pop("allOf", ())
        for part in parts:
            resolved = {**self.plain_schema(part), **resolved}
        return resolved

    def is_assumed(self, schema_path: Sequence[Any]) -> bool:
        """Return whether a node on the path `schema_path` is marked `x-assumed`."""
        node: Any = self.document
        for step in schema_path:
            if isinstance(node, dict):
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
            if isinstance(node, dict) and node.get("x-assumed") is True:
                return True
        return False

    def error_codes(self, operation: Operation, status: int) -> FrozenSet[str]:
        """Return the error codes in the contract's examples of a response."""
        examples = self._media(self.response(operation, status) or {}).get("examples", {})
        values = [self.resolve(each)["value"] for each in examples.values()]
        return frozenset(value["error"]["code"] for value in values if "error" in value)

    def request_examples(self, operation: Operation) -> List[Dict[str, Any]]:
        """Return the contract's examples of a request body."""
        node = self.document["paths"][operation.path][operation.method.lower()]
        media = self._media(self.resolve(node.get("requestBody", {})))
        return [dict(self.resolve(each)["value"]) for each in media.get("examples", {}).values()]

    @staticmethod
    def _media(node: Mapping[str, Any]) -> Mapping[str, Any]:
        media: Mapping[str, Any] = node.get("content", {}).get("application/json", {})
        return media

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(path, method, item[method], item.get("parameters", ()))

    def _operation(
        self, path: str, method: str, node: Mapping[str, Any], shared: Sequence[Mapping[str, Any]]
    ) -> Operation:
        body = self.resolve(node.get("requestBody", {}))
        schema = self._media(body).get("schema")
        security = node.get("security", self.document.get("security", []))
        responses = {status: self.resolve(each) for status, each in node["responses"].items()}
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            scopes=tuple(
                scope for each in security for scopes in each.values() for scope in scopes
            ),
            parameters=tuple(
                self._parameter(each) for each in (*shared, *node.get("parameters", ()))
            ),
            body=None if schema is None else self.resolve(schema),
            body_assumed=bool(
                body.get("x-assumed") or (schema and self.resolve(schema).get("x-assumed"))
            ),
            responses=responses,
        )

    def _parameter(self, node: Mapping[str, Any]) -> Parameter:
        resolved = self.resolve(node)
        return Parameter(
            name=resolved["name"],
            location=resolved["in"],
            schema=self.plain_schema(resolved["schema"]),
            assumed=resolved.get("x-assumed") is True,
            required=resolved.get("required", False),
        )


def _without_assumed_limits(node: Any) -> Any:
    """Remove the assumed limits from all schemas below a node, in place, and return the node."""
    if isinstance(node, dict):
        for keyword in node.pop(_ASSUMED_LIMITS, ()):
            node.pop(keyword, None)
        for part in node.values():
            _without_assumed_limits(part)
    elif isinstance(node, list):
        for part in node:
            _without_assumed_limits(part)
    return node


def _features(node: Any) -> Iterator[str]:
    """Yield the features of all parameters and fields below a node."""
    if isinstance(node, dict):
        if _FEATURE in node:
            yield node[_FEATURE]
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _features(part)


def _with_features(node: Any, names: AbstractSet[str]) -> Any:
    """Return a copy of a node without the parameters and fields of other features."""
    if isinstance(node, dict):
        kept = ((key, part) for key, part in node.items() if not _is_of_others(part, names))
        return {key: _with_features(part, names) for key, part in kept}
    if isinstance(node, list):
        return [_with_features(part, names) for part in node if not _is_of_others(part, names)]
    return node


def _is_of_others(node: Any, names: AbstractSet[str]) -> bool:
    return isinstance(node, dict) and _FEATURE in node and node[_FEATURE] not in names


def load_contract() -> Contract:
    """Load the contract that this package was generated from."""
    data = pkgutil.get_data("memoryos_api", "contract.json")
    if data is None:
        raise FileNotFoundError("memoryos_api/contract.json")
    return Contract(json.loads(data))
