"""Checks derived from schemas: every parameter and field at its limits and beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping

from memoryos.contract_testing.expectations import expect_fields, expect_object, expect_rejected

from .registry import Check
from .valid_requests import valid_request

if TYPE_CHECKING:
    from memoryos.contract_testing.contract import Contract, Operation, Parameter
    from memoryos.contract_testing.target import Target

__all__ = ["invalid_texts", "invalid_values", "limit_checks", "limit_values"]


_NOT_ALONE = frozenset({"upsert", "if-updated-at", "import-fields"})
"""Features whose fields need other fields or permissions, so that values alone prove nothing."""


def limit_checks(contract: Contract) -> Iterator[Check]:
    """Yield the checks for every query parameter and every body field."""
    contract = contract.with_features(contract.features() - _NOT_ALONE)
    for operation in contract.operations.values():
        for parameter in operation.query():
            if invalid_texts(parameter.schema):
                yield _refuses_parameter(operation, parameter)
            if limit_values(parameter.schema):
                yield _accepts_parameter(operation, parameter)
        if operation.body is not None:
            for name, node in operation.body["properties"].items():
                schema = contract.plain_schema(node)
                assumed = operation.body_assumed or node.get("x-assumed") is True
                yield _refuses_field(operation, name, schema, assumed=assumed)
                if limit_values(schema) and operation.id != "create_entity":
                    yield _accepts_field(operation, name, schema, assumed=assumed)


def limit_values(schema: Mapping[str, Any]) -> List[Any]:
    """Return the minimum and the maximum of a schema, or all values of an enum."""
    if "enum" in schema:
        return list(schema["enum"])
    return [schema[limit] for limit in ("minimum", "maximum") if limit in schema]


def invalid_values(schema: Mapping[str, Any]) -> List[Any]:
    """Return invalid JSON values for a schema: of other types, and just beyond each limit."""
    types: Dict[str, List[Any]] = {
        "string": [7, True, ["text"], {"a": "text"}, None],
        "integer": ["7", 1.5, True, [7], None],
        "number": ["0.5", True, [0.5], None],
        "array": ["text", {"a": "text"}, 7, None],
        "object": ["text", [], 7, None],
        "boolean": ["true", 1, [True], None],
    }
    step = 1 if schema.get("type") == "integer" else 0.01
    values = types[schema["type"]]
    values += [schema["minimum"] - step] if "minimum" in schema else []
    values += [schema["maximum"] + step] if "maximum" in schema else []
    values += ["no such value"] if "enum" in schema else []
    values += [""] if schema.get("minLength", 0) > 0 else []
    values += [f"not-a-{schema['format']}"] if "format" in schema else []
    values += [[{}], [None]] if schema["type"] == "array" else []
    return values


def invalid_texts(schema: Mapping[str, Any]) -> List[str]:
    """Return invalid query values for a schema."""
    texts = {"integer": ["abc", "1.5", "", "1e1", "0x10"], "number": ["abc", "", "nan", "inf"]}
    step = 1 if schema.get("type") == "integer" else 0.01
    values = texts.get(schema["type"], [])
    values += [str(schema["minimum"] - step)] if "minimum" in schema else []
    values += [str(schema["maximum"] + step)] if "maximum" in schema else []
    values += ["no such value", ""] if "enum" in schema else []
    values += [f"not-a-{schema['format']}", ""] if "format" in schema else []
    values += ["[]", "not JSON", ""] if "contentMediaType" in schema else []
    return values


def _refuses_parameter(operation: Operation, parameter: Parameter) -> Check:
    def run(target: Target) -> None:
        for value in invalid_texts(parameter.schema):
            response = target.call(operation.id, query={parameter.name: value})
            expect_rejected(response, f"{parameter.name}={value!r}")

    description = f"A value of `{parameter.name}` outside its type and limits is rejected."
    name = f"refuses-a-wrong-{parameter.name}"
    return Check(operation.id, name, description, run, parameter.assumed)


def _accepts_parameter(operation: Operation, parameter: Parameter) -> Check:
    def run(target: Target) -> None:
        for value in limit_values(parameter.schema):
            response = target.call(operation.id, query={parameter.name: value})
            if not response.is_success:
                expect_object(response, f"{parameter.name}={value!r}")
            if parameter.name in ("limit", "offset"):
                expect_fields(response.meta, {parameter.name: value}, response)

    description = f"`{parameter.name}` is accepted at its limits, or with each of its values."
    name = f"takes-the-limits-of-{parameter.name}"
    return Check(operation.id, name, description, run, parameter.assumed)


def _refuses_field(
    operation: Operation, name: str, schema: Mapping[str, Any], *, assumed: bool
) -> Check:
    def run(target: Target) -> None:
        request = valid_request(target, operation)
        for value in invalid_values(schema):
            changed = _with_field(request, name, value)
            expect_rejected(target.call(operation.id, **changed), f"the {name} {value!r}")

    description = f"A `{name}` outside its type and limits is rejected."
    return Check(operation.id, f"refuses-a-wrong-{name}", description, run, assumed)


def _accepts_field(
    operation: Operation, name: str, schema: Mapping[str, Any], *, assumed: bool
) -> Check:
    def run(target: Target) -> None:
        request = valid_request(target, operation)
        for value in limit_values(schema):
            response = target.call(operation.id, **_with_field(request, name, value))
            data = expect_object(response, f"the {name} {value!r}")
            if name in data:
                expect_fields(data, {name: value}, response)

    description = f"`{name}` is accepted at its limits, or with each of its values."
    return Check(operation.id, f"takes-the-limits-of-{name}", description, run, assumed)


def _with_field(request: Dict[str, Any], name: str, value: Any) -> Dict[str, Any]:
    return {**request, "body": {**request["body"], name: value}}
