"""Reading the contract: the file, its references, its schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class ContractError(Exception):
    """The contract is broken, or says something that the tools do not understand."""


def load(path: Path) -> Json:
    """Read the contract from its YAML file."""
    contract: Json = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    _require_json(contract, "#")
    return contract


def as_json(contract: Json) -> str:
    """The contract as JSON, in the order of the file, with its references."""
    return json.dumps(contract, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _require_json(node: Any, where: str) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                raise ContractError(f"{where}: the key {key!r} is not a string; quote it.")
            _require_json(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _require_json(value, f"{where}/{index}")
    elif node is not None and not isinstance(node, (str, int, float, bool)):
        raise ContractError(f"{where}: {node!r} has no form in JSON; quote it.")


def resolve(contract: Json, node: Json) -> Json:
    """What a node says once its `$ref`, and those that this leads to, are followed."""
    seen: list[str] = []
    while "$ref" in node:
        reference = node["$ref"]
        if reference in seen:
            raise ContractError(f"{reference} refers to itself.")
        seen.append(reference)
        siblings = {key: value for key, value in node.items() if key != "$ref"}
        node = {**_target(contract, reference), **siblings}
    return node


def _target(contract: Json, reference: str) -> Json:
    if not reference.startswith("#/"):
        raise ContractError(f"{reference}: only references within the contract are understood.")
    node: Any = contract
    for part in reference[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or key not in node:
            raise ContractError(f"{reference} refers to nothing in the contract.")
        node = node[key]
    if not isinstance(node, dict):
        raise ContractError(f"{reference} does not refer to an object.")
    return node


def schema_name(reference: str) -> str:
    """`Memory` from `#/components/schemas/Memory`."""
    prefix = "#/components/schemas/"
    if not reference.startswith(prefix):
        raise ContractError(f"{reference}: a schema is referred to under {prefix}.")
    return reference[len(prefix) :]


def operations(contract: Json) -> Iterator[tuple[str, str, Json]]:
    """(path, method, operation) of every operation, with the path's own parameters joined in."""
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                shared = item.get("parameters", [])
                parameters = [*shared, *operation.get("parameters", [])]
                yield path, method, {**operation, "parameters": parameters}


def json_schema(content: Json, where: str) -> Json | None:
    """The schema of a body, which must be JSON; None where there is no body."""
    if not content:
        return None
    if list(content) != ["application/json"]:
        kinds = ", ".join(content)
        raise ContractError(f"{where}: only application/json is understood, not {kinds}.")
    schema: Json = content["application/json"]["schema"]
    return schema
