"""The operations of a contract, in a form for comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from generation import contract as contracts
from generation.contract import Json, resolve


@dataclass(frozen=True)
class Body:
    """The body of a request or a response."""

    required: bool
    media_types: tuple[str, ...]
    schema: Json
    notes: Json


@dataclass(frozen=True)
class Answer:
    """The response with one status."""

    body: Body | None
    codes: tuple[str, ...]
    """The codes of the error examples."""
    headers: Json
    notes: Json


@dataclass(frozen=True)
class Operation:
    """One operation, with references resolved down to the schemas."""

    name: str
    method: str
    path: str
    scopes: frozenset[str]
    schemes: frozenset[str]
    """The ways of authentication that it takes."""
    parameters: dict[tuple[str, str], Json]
    """By place and name."""
    body: Body | None
    answers: dict[str, Answer]
    """By status."""
    deprecated: bool
    notes: Json

    @property
    def address(self) -> tuple[str, str]:
        """Method and path, without the names of the path's parameters."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)


def read(contract: Json) -> dict[str, Operation]:
    """Return every operation of a contract by its name, in the contract's order."""
    found = (_operation(contract, *item) for item in contracts.operations(contract))
    return {operation.name: operation for operation in found}


def _operation(contract: Json, path: str, method: str, node: Json) -> Operation:
    security: list[Json] = (node if "security" in node else contract).get("security", [])
    parameters = [resolve(contract, parameter) for parameter in node["parameters"]]
    compared = {"operationId", "parameters", "requestBody", "responses", "security", "deprecated"}
    return Operation(
        name=node.get("operationId", f"{method.upper()} {path}"),
        method=method.upper(),
        path=path,
        scopes=frozenset(
            scope for item in security for scopes in item.values() for scope in scopes
        ),
        schemes=frozenset(" and ".join(sorted(item)) for item in security),
        parameters={(item["in"], item["name"]): item for item in parameters},
        body=_request_body(contract, node),
        answers={
            str(status): _answer(contract, resolve(contract, response))
            for status, response in node["responses"].items()
        },
        deprecated=node.get("deprecated", False),
        notes={key: value for key, value in node.items() if key not in compared},
    )


def _request_body(contract: Json, node: Json) -> Body | None:
    if "requestBody" not in node:
        return None
    return _body(contract, resolve(contract, node["requestBody"]))


def _body(contract: Json, node: Json) -> Body | None:
    content: Json = node.get("content", {})
    if not content:
        return None
    first = next(iter(content.values()))
    examples = [_examples(contract, media) for media in content.values()]
    notes = {key: value for key, value in node.items() if key not in ("content", "required")}
    return Body(
        required=node.get("required", False),
        media_types=tuple(content),
        schema=first.get("schema", {}),
        notes={**notes, "examples": [each for each in examples if each]},
    )


def _examples(contract: Json, media: Json) -> list[Any]:
    single = [media["example"]] if "example" in media else []
    return single + [resolve(contract, item) for item in media.get("examples", {}).values()]


def _answer(contract: Json, node: Json) -> Answer:
    values = [
        example.get("value", example) if isinstance(example, dict) else {}
        for media in node.get("content", {}).values()
        for example in _examples(contract, media)
    ]
    codes = [value["error"]["code"] for value in values if "code" in _error(value)]
    body = _body(contract, {"content": node.get("content", {})})
    notes = {key: value for key, value in node.items() if key not in ("content", "headers")}
    headers = node.get("headers", {})
    return Answer(
        body=body,
        codes=tuple(sorted(set(codes))),
        headers={name: resolve(contract, header) for name, header in headers.items()},
        notes=notes,
    )


def _error(value: Any) -> Json:
    error = value.get("error", {}) if isinstance(value, dict) else {}
    return error if isinstance(error, dict) else {}
