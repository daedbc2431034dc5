"""Build the schema that cases are generated from, and send generated cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

import requests
import schemathesis
from requests.structures import CaseInsensitiveDict
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

if TYPE_CHECKING:
    from schemathesis import BaseSchema, Case

    from memoryos.contract_testing.contract import Contract, Operation
    from memoryos.contract_testing.http_messages import Response
    from memoryos.contract_testing.target import Target

__all__ = ["as_schemathesis_response", "load_schema", "send_case", "validate_case_outcome"]

_MAX_MESSAGE_CHARACTERS = 300
_ORIGIN = "http://contract.invalid"
_CONFIG: Dict[str, Any] = {
    "base-url": _ORIGIN,
    "generation": {"with-security-parameters": False},
    "phases": {
        "stateful": {"inference": {"algorithms": []}, "generation": {"mode": "positive"}},
    },
}
_GENERATED_FEATURES = frozenset(
    {"filters", "highlights", "explain", "uncounted", "context-metadata"}
)
_CREATE_OPERATIONS = ("create_memory", "create_entity")
CASE_CHECKS: Dict[str, Any] = {
    "takes-valid-requests": (
        positive_data_acceptance,
        "Every generated valid request is accepted.",
    ),
    "refuses-invalid-requests": (
        negative_data_rejection,
        "Every generated invalid request is rejected.",
    ),
}


def load_schema(
    contract: Contract, links: Optional[Mapping[str, Mapping[str, Any]]] = None
) -> BaseSchema:
    """Return the schema that cases are generated from.

    It differs from the contract:

    - No credentials and headers are generated. A repeated `Idempotency-Key` would return a memory
      that was deleted in the meantime.
    - There is no `embedding`. Random vectors test nothing, and a server may reject vectors of
      another model.
    - Of the optional features, it has those whose values are valid whatever other fields are.
    - It has only the given links; none are inferred.

    Args:
        contract: The contract.
        links: OpenAPI links that may follow a success, by operation id.
    """
    document = contract.with_features(_GENERATED_FEATURES & contract.features()).document
    search = document["components"]["schemas"]["SearchRequest"]
    del search["properties"]["embedding"], search["anyOf"]
    search["required"] = ["query"]
    for operation in contract.operations.values():
        node = document["paths"][operation.path][operation.method.lower()]
        node["parameters"] = [
            each for each in node.get("parameters", []) if _is_generated(contract.resolve(each))
        ]
    for name, following in (links or {}).items():
        operation = contract.operations[name]
        document["paths"][operation.path][operation.method.lower()]["responses"] = {
            status: {**response, "links": following} if status.startswith("2") else {**response}
            for status, response in operation.responses.items()
        }
    config = schemathesis.Config.from_dict(_CONFIG)
    schema: BaseSchema = schemathesis.openapi.from_dict(document, config=config)
    return schema


def _is_generated(parameter: Mapping[str, Any]) -> bool:
    """Return whether values of a parameter are generated: not headers, nor JSON as text."""
    return parameter["in"] != "header" and "contentMediaType" not in parameter["schema"]


def send_case(target: Target, operation: Operation, case: Case[Any]) -> Response:
    """Send a generated case.

    Memories and entities that it creates get the run's marker, and memories get a parent of the
    run.

    Raises:
        NotSentError: The request is unsafe.
        UnusableResponseError: There was no response.
        CheckSkippedError: The server is overloaded.
    """
    _prepare_for_run(target, operation, case)
    prepared = _prepared(case)
    content = prepared.body
    return target.send(
        operation,
        str(prepared.url)[len(_ORIGIN) :],
        content=content.encode("utf-8") if isinstance(content, str) else content,
    )


def validate_case_outcome(
    target: Target, operation: Operation, case: Case[Any], response: Response
) -> None:
    """Record whether a valid case was accepted and an invalid one rejected."""
    if response.status in (401, 403, 429) or response.status >= 500:
        return  # unrelated to the case; the response checks cover it
    schemathesis_response = as_schemathesis_response(case, response)
    for name, (rule, description) in CASE_CHECKS.items():
        problem = _problem(case, schemathesis_response, rule)
        target.record_check(
            operation, name, description, problem, response, assumed=operation.body_assumed
        )


def as_schemathesis_response(case: Case[Any], response: Response) -> schemathesis.Response:
    """Convert a response for schemathesis."""
    return schemathesis.Response(
        status_code=response.status,
        headers={name: [value] for name, value in response.headers.items()},
        content=response.body,
        request=_prepared(case),
        elapsed=0.0,
        verify=False,
    )


def _problem(case: Case[Any], response: schemathesis.Response, rule: Any) -> str:
    try:
        case.validate_response(response, checks=[rule])
    except FailureGroup as group:
        reason = " ".join(str(group.exceptions[0]).split())
        return f"{response.status_code}: {reason}"[:_MAX_MESSAGE_CHARACTERS]
    return ""


def _prepared(case: Case[Any]) -> requests.PreparedRequest:
    arguments = case.as_transport_kwargs(base_url=_ORIGIN)
    return requests.Request(**arguments).prepare()


def _prepare_for_run(target: Target, operation: Operation, case: Case[Any]) -> None:
    """Add the run's marker to what the case creates, and remove its headers."""
    case.headers = CaseInsensitiveDict()
    body: Any = case.body
    if operation.id in _CREATE_OPERATIONS and isinstance(body, dict):
        body = target.with_marker(body)
        if "parent_memory_id" in body:
            body["parent_memory_id"] = target.cached("parent", target.create)["id"]
        case.body = body
