"""Reading the contract: the file, its references, its schemas."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from generation import slips, yaml_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json = dict[str, Any]


class ContractError(Exception):
    """The contract is broken, or says something that the tools do not understand."""


def load(path: Path) -> Json:
    """Return the contract from its YAML file.

    Raises:
        ContractError: The file can't be read, or has a mistake. The message begins with the file
            and the line: `openapi.yaml:5: …`.
    """
    contract: Json
    try:
        contract, lines = yaml_file.read(path)
        slips.Checker(contract, lines).check()
    except yaml_file.FileError as error:
        raise ContractError(str(error)) from None
    return contract


def with_line(path: Path, message: str) -> str:
    """Return the message of a `ContractError` with the file and, if it can be found, the line.

    The line is that of the first operation or schema that the message names.
    """
    if re.match(r"[\w-]+\.yaml:", message):
        return message
    lines = path.read_text(encoding="utf-8").splitlines()
    for word in re.findall(r"/[\w/{}-]+|\w+", message):
        name = re.escape(word.rpartition("/")[2] if word.startswith("/components") else word)
        definition = re.compile(rf"\s*(?:operationId: *['\"]?{name}['\"]?|['\"]?{name}['\"]?:) *")
        for number, line in enumerate(lines, start=1):
            if definition.fullmatch(line):
                return f"{path.name}:{number}: {message}"
    return f"{path.name}: {message}"


def as_json(contract: Json) -> str:
    """The contract as JSON, in the order of the file, with its references."""
    return json.dumps(contract, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


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
            if method in slips.METHODS:
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
