"""Every operation and argument of the contract, as plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generation.contract import (
    ContractError,
    Json,
    json_schema,
    operations,
    resolve,
    schema_name,
)
from generation.limits import local_limits
from generation.schemas import flatten, fragment, types

LOCATIONS = ("path", "query", "header")
HEADER_VALUE = "^[!-~](?:[\\t -~]*[!-~])?$"
"""A header's value as HTTP can carry it (RFC 9110, section 5.5), without obsolete bytes."""
FEATURE = "x-feature"
"""Names the feature of a service that a parameter or field belongs to."""
BODY_RULES = ("anyOf", "minProperties", "maxProperties", "additionalProperties")


@dataclass(frozen=True)
class Argument:
    """One argument, with the names and values of the fields that the generated table has."""

    name: str
    wire_name: str
    generated_name: str
    location: str
    required: bool
    default: Any
    description: str
    schema: Json
    local_limits: str
    feature: str


@dataclass(frozen=True)
class Operation:
    """One operation, with the names and values of the fields that the generated table has."""

    name: str
    summary: str
    description: str
    method: str
    path: str
    module: str
    scopes: tuple[str, ...]
    successes: tuple[int, ...]
    errors: dict[int, tuple[str, ...]]
    body: str | None
    response: str | None
    result: str | None
    response_kind: str
    arguments: dict[str, Argument]
    body_rules: Json


def read_operations(contract: Json) -> list[Operation]:
    """Every operation of the contract, in its order."""
    return [_operation(contract, *found) for found in operations(contract)]


def _operation(contract: Json, path: str, method: str, operation: Json) -> Operation:
    name = operation.get("operationId")
    if not name:
        raise ContractError(f"{method} {path} has no operationId.")
    body = _body_schema(contract, operation, name)
    responses = _responses(contract, operation, name)
    response = _success_schema(responses, name)
    kind, result = _response_kind(contract, method, response)
    return Operation(
        name=name,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        method=method.upper(),
        path=path,
        module=_module(operation, name),
        scopes=_scopes(contract, operation, name),
        successes=tuple(status for status in responses if status < 400),
        errors={
            status: _wire_codes(contract, response)
            for status, response in responses.items()
            if status >= 400
        },
        body=schema_name(body["$ref"]) if body else None,
        response=response,
        result=result,
        response_kind=kind,
        arguments=_arguments(contract, operation, body, name),
        body_rules=_body_rules(contract, body, name) if body else {},
    )


def _module(operation: Json, name: str) -> str:
    tags: list[str] = operation.get("tags", [])
    if len(tags) != 1:
        raise ContractError(f"{name}: an operation has exactly one tag, which names its folder.")
    return f"memoryos_api.api.{_generated(tags[0])}.{_generated(name)}"


def _scopes(contract: Json, operation: Json, name: str) -> tuple[str, ...]:
    requirements: list[Json] | None = operation.get("security", contract.get("security"))
    if not requirements or len(requirements) != 1 or len(requirements[0]) != 1:
        raise ContractError(f"{name}: exactly one security scheme is understood.")
    return tuple(next(iter(requirements[0].values())))


def _responses(contract: Json, operation: Json, name: str) -> dict[int, Json]:
    responses: dict[int, Json] = {}
    for status, response in operation["responses"].items():
        if not re.fullmatch(r"[1-5][0-9][0-9]", status):
            raise ContractError(f"{name}: the status {status!r} is not a number.")
        responses[int(status)] = resolve(contract, response)
    return dict(sorted(responses.items()))


def _wire_codes(contract: Json, response: Json) -> tuple[str, ...]:
    """Return the codes of a response's examples, in their order."""
    media = response.get("content", {}).get("application/json", {})
    values = [
        resolve(contract, each).get("value", {}) for each in media.get("examples", {}).values()
    ]
    codes = [value["error"]["code"] for value in values if "code" in value.get("error", {})]
    return tuple(dict.fromkeys(codes))


def _success_schema(responses: dict[int, Json], name: str) -> str | None:
    """Return the schema of the successes, the same for all that have a body."""
    schemas = [
        json_schema(response.get("content", {}), name)
        for status, response in responses.items()
        if status < 400
    ]
    names = {schema_name(schema["$ref"]) for schema in schemas if schema}
    if len(names) > 1:
        raise ContractError(f"{name}: its successes have different schemas.")
    return names.pop() if names else None


def _response_kind(contract: Json, method: str, response: str | None) -> tuple[str, str | None]:
    """Return how the SDK reads a success, and the schema of what it returns."""
    schema = contract["components"]["schemas"][response] if response else {}
    data = flatten(contract, schema, f"schema {response}").get("properties", {}).get("data")
    if data is None:
        return "other", response
    if "array" in types(flatten(contract, data, f"schema {response}.data")):
        return "page", response
    result = schema_name(data["$ref"]) if "$ref" in data else response
    return ("deletion" if method == "delete" else "item"), result


def _body_schema(contract: Json, operation: Json, name: str) -> Json | None:
    if "requestBody" not in operation:
        return None
    body = resolve(contract, operation["requestBody"])
    schema = json_schema(body["content"], name)
    if not body.get("required") or not schema or "$ref" not in schema:
        raise ContractError(f"{name}: a body is required and refers to a schema by name.")
    return schema


def _body_rules(contract: Json, body: Json, name: str) -> Json:
    """The rules of the body as a whole, besides those of its single properties."""
    flat = flatten(contract, body, name)
    if "oneOf" in flat:
        raise ContractError(f"{name}: oneOf is not understood for a body as a whole.")
    for choice in flat.get("anyOf", []):
        if list(choice) != ["required"]:
            raise ContractError(f"{name}: anyOf is understood for required keys only.")
    if flat.get("type") != "object" or "properties" not in flat:
        raise ContractError(f"{name}: a body is an object with properties.")
    return {rule: flat[rule] for rule in BODY_RULES if rule in flat}


def _arguments(
    contract: Json, operation: Json, body: Json | None, name: str
) -> dict[str, Argument]:
    found = [_parameter(contract, parameter, name) for parameter in operation["parameters"]]
    if body:
        found += _properties(contract, body, name)
    arguments = {argument.name: argument for argument in found}
    if len(arguments) != len(found):
        raise ContractError(f"{name}: two arguments have the same Python name.")
    return arguments


def _parameter(contract: Json, node: Json, operation: str) -> Argument:
    parameter = resolve(contract, node)
    where = f"{operation}.{parameter['name']}"
    if parameter["in"] not in LOCATIONS:
        raise ContractError(f"{where}: a parameter in {parameter['in']} is not understood.")
    described = {
        "description": parameter.get("description"),
        FEATURE: parameter.get(FEATURE),
        **parameter["schema"],
    }
    argument = _argument(
        contract,
        parameter["name"],
        parameter["in"],
        schema={key: value for key, value in described.items() if value is not None},
        required=parameter.get("required", False),
        where=where,
    )
    return _as_header(argument) if argument.location == "header" else argument


def _as_header(argument: Argument) -> Argument:
    """Return the argument with HTTP's own rule, where the contract gives no stricter one."""
    return replace(argument, schema={"pattern": HEADER_VALUE, **argument.schema})


def _properties(contract: Json, body: Json, operation: str) -> list[Argument]:
    flat = flatten(contract, body, operation)
    return [
        _argument(
            contract,
            wire_name,
            "body",
            schema=schema,
            required=wire_name in flat.get("required", []),
            where=f"{operation}.{wire_name}",
        )
        for wire_name, schema in flat["properties"].items()
    ]


def _argument(
    contract: Json, wire_name: str, location: str, *, schema: Json, required: bool, where: str
) -> Argument:
    flat = flatten(contract, schema, where)
    if flat.get("default", ...) is None:
        raise ContractError(f"{where}: a default of null says nothing; leave it out.")
    return Argument(
        name=_public(wire_name),
        wire_name=wire_name,
        generated_name=_generated(wire_name),
        location=location,
        required=required,
        default=flat.get("default"),
        description=flat.get("description", ""),
        schema=fragment(contract, schema, where),
        local_limits=local_limits(contract, schema, where),
        feature=flat.get(FEATURE, ""),
    )


def _public(wire_name: str) -> str:
    """The name that people write: `idempotency_key` for `Idempotency-Key`."""
    return re.sub(r"[^a-z0-9]+", "_", wire_name.lower())


def _generated(wire_name: str) -> str:
    """The name in the generated code, which avoids Python's own: `type_` for `type`."""
    return str(PythonIdentifier(wire_name, prefix="field_"))
