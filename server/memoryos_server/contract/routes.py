"""Routes and operations, read from the contracts of the API and of its administration.

Routes, parameters, schemas, limits, defaults and required permissions all come from
`contract.json` and `admin.json`, which `make regenerate` converts from `openapi.yaml` and
`openapi-admin.yaml`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .schemas import Schema, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "Contract",
    "ContractError",
    "Operation",
    "Parameter",
    "admin_contract",
    "default_contract",
]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_LOCATIONS = ("path", "query", "header")
_JSON = "application/json"


class ContractError(Exception):
    """The contract uses a feature of OpenAPI that this server doesn't support."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation.

    Attributes:
        name: Name in the request.
        location: `path`, `query` or `header`.
        required: Whether a request without it is invalid.
        schema: Schema of its value.
    """

    name: str
    location: str
    required: bool
    schema: Schema


@dataclass(frozen=True)
class Operation:
    """An operation of the contract.

    Attributes:
        operation_id: Its `operationId`, which is also the name of the service's method.
        method: HTTP method in upper case.
        path: Path template, without the base path.
        scopes: Permissions that a key needs, as the contract's security requirement lists them.
        parameters: Its parameters.
        body: Schema of its JSON body, or None.
        body_required: Whether a request without a body is invalid.
    """

    operation_id: str
    method: str
    path: str
    scopes: frozenset[str]
    parameters: tuple[Parameter, ...]
    body: Schema | None
    body_required: bool


@dataclass(frozen=True)
class Route:
    """A path template of the contract, and its operations by upper-case method."""

    template: str
    segments: tuple[str, ...]
    operations: Mapping[str, Operation]

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Return the decoded path parameters, or None if the path doesn't match.

        Segments are compared before decoding, so an encoded slash stays inside its segment.
        """
        if len(segments) != len(self.segments):
            return None
        values = {}
        for pattern, segment in zip(self.segments, segments, strict=True):
            if pattern.startswith("{") and segment:
                values[pattern[1:-1]] = unquote(segment, errors="replace")
            elif pattern != segment:
                return None
        return values


class Contract:
    """The routes of an OpenAPI document, under the base path of its first server.

    Args:
        document: An OpenAPI 3.1 document.

    Raises:
        ContractError: An operation uses a feature that this server doesn't support.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.base_path: str = urlsplit(document["servers"][0]["url"]).path.rstrip("/")
        self.routes: tuple[Route, ...] = tuple(
            Route(path, _segments(path), dict(_operations(path, item, document)))
            for path, item in document["paths"].items()
        )

    @property
    def operations(self) -> Iterator[Operation]:
        """All operations, in the order of the document."""
        return (operation for route in self.routes for operation in route.operations.values())

    def match(self, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and path parameters of a percent-encoded path, or None."""
        relative = path.removeprefix(self.base_path)
        if not path.startswith(self.base_path + "/"):
            return None
        segments = _segments(relative)
        for route in self.routes:
            values = route.match(segments)
            if values is not None:
                return route, values
        return None


@cache
def default_contract() -> Contract:
    """Return the contract of the API, compiled once per process."""
    return _read("contract.json")


@cache
def admin_contract() -> Contract:
    """Return the contract of the administration, compiled once per process."""
    return _read("admin.json")


def _read(name: str) -> Contract:
    return Contract(json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8")))


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")[1:])


def _operations(
    path: str, item: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[tuple[str, Operation]]:
    for method in _METHODS:
        if method in item:
            yield method.upper(), _operation(method, path, item, document)


def _operation(
    method: str, path: str, item: Mapping[str, Any], document: Mapping[str, Any]
) -> Operation:
    node = item[method]
    name = node["operationId"]
    body = resolve(node.get("requestBody", {}), document)
    return Operation(
        operation_id=name,
        method=method.upper(),
        path=path,
        scopes=_scopes(name, node.get("security", document.get("security", []))),
        parameters=_parameters(item, node, document),
        body=_body_schema(name, body, document),
        body_required=body.get("required", False),
    )


def _scopes(name: str, security: list[Mapping[str, list[str]]]) -> frozenset[str]:
    if len(security) != 1 or len(security[0]) != 1:
        raise ContractError(f"{name}: expected one security requirement of one scheme")
    return frozenset(*security[0].values())


def _parameters(
    item: Mapping[str, Any], node: Mapping[str, Any], document: Mapping[str, Any]
) -> tuple[Parameter, ...]:
    listed = [*item.get("parameters", ()), *node.get("parameters", ())]
    # A parameter of the operation overrides the path's with the same name and location.
    merged = {
        (node["in"], node["name"]): node for node in (resolve(ref, document) for ref in listed)
    }
    return tuple(_parameter(node, document) for node in merged.values())


def _parameter(node: Mapping[str, Any], document: Mapping[str, Any]) -> Parameter:
    if node["in"] not in _LOCATIONS or "schema" not in node:
        raise ContractError(
            f"parameter {node['name']}: it needs a schema and one of the locations {_LOCATIONS}"
        )
    schema = Schema(node["schema"], document)
    return Parameter(node["name"], node["in"], node.get("required", False), schema)


def _body_schema(name: str, body: Mapping[str, Any], document: Mapping[str, Any]) -> Schema | None:
    if not body:
        return None
    if set(body["content"]) != {_JSON}:
        raise ContractError(f"{name}: the only content type of the body must be {_JSON}")
    return Schema(body["content"][_JSON]["schema"], document)
