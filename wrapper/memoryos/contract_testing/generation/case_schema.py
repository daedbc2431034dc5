"""From the contract to a schema that cases are generated from, and from a case to an exchange."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

import requests
import schemathesis
from requests.structures import CaseInsensitiveDict
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

if TYPE_CHECKING:
    from schemathesis import BaseSchema, Case

    from .contract import Contract, Operation
    from .http_messages import Response
    from .target import Target

__all__ = ["as_response", "validate_case_outcome", "load_schema", "send_case"]

_ORIGIN = "http://contract.invalid"
_CONFIG: Dict[str, Any] = {
    "base-url": _ORIGIN,
    "generation": {"with-security-parameters": False},
    "phases": {
        "stateful": {"inference": {"algorithms": []}, "generation": {"mode": "positive"}},
    },
}
_CREATING = ("create_memory", "create_entity")
_RULES: Dict[str, Any] = {
    "takes-valid-requests": (
        positive_data_acceptance,
        "Every generated request that keeps to the contract is taken.",
    ),
    "refuses-invalid-requests": (
        negative_data_rejection,
        "Every generated request that breaks a rule of the contract is refused.",
    ),
}


def load_schema(
    contract: Contract, links: Optional[Mapping[str, Mapping[str, Any]]] = None
) -> BaseSchema:
    """Return the schema that cases are generated from.

    It differs from the contract in this: no credentials and no headers are generated (a repeated
    `Idempotency-Key` would get an response about a memory since deleted); an embedding has no place
    in it (its 1536 numbers teach nothing, and a server may refuse those of another model); and of
    links there are those given, while none are inferred.

    Args:
        contract: the contract.
        links: by operation, what may follow its successes, as OpenAPI links.
    """
    document = copy.deepcopy(contract.document)
    search = document["components"]["schemas"]["SearchRequest"]
    del search["properties"]["embedding"], search["anyOf"]
    search["required"] = ["query"]
    for operation in contract.operations.values():
        node = document["paths"][operation.path][operation.method.lower()]
        node["parameters"] = [
            each for each in node.get("parameters", []) if contract.resolve(each)["in"] != "header"
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


def send_case(target: Target, operation: Operation, case: Case[Any]) -> Response:
    """Send a generated case by way of the run's sender.

    What it would create gets the run's marker, and a parent of its own run.

    Raises:
        NotSentError: the guard refuses it.
        UnusableResponseError, CheckSkippedError: there was no response.
    """
    _prepare_for_run(target, operation, case)
    prepared = _prepared(case)
    content = prepared.body
    return target.send(
        operation,
        str(prepared.url)[len(_ORIGIN) :],
        content=content.encode("utf-8") if isinstance(content, str) else content,
    )


def validate_case_outcome(target: Target, operation: Operation, case: Case[Any], response: Response) -> None:
    """Note whether a case was taken or refused as its form deserves."""
    if response.status in (401, 403, 429) or response.status >= 500:
        return  # says nothing about the case, and is judged as an response
    response = as_response(case, response)
    for name, (rule, sentence) in _RULES.items():
        problem = _problem(case, response, rule)
        target.record_check(operation, name, sentence, problem, response, assumed=operation.body_assumed)


def as_response(case: Case[Any], response: Response) -> schemathesis.Response:
    """Return an response as the rules of schemathesis take it."""
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
        return f"{response.status_code}: {reason}"[:300]
    return ""


def _prepared(case: Case[Any]) -> requests.PreparedRequest:
    arguments = case.as_transport_kwargs(base_url=_ORIGIN)
    return requests.Request(**arguments).prepare()


def _prepare_for_run(target: Target, operation: Operation, case: Case[Any]) -> None:
    """Make the case one of this run: its marker on what it creates, and no headers."""
    case.headers = CaseInsensitiveDict()
    body: Any = case.body
    if operation.id in _CREATING and isinstance(body, dict):
        body = target.with_marker(body)
        if "parent_memory_id" in body:
            body["parent_memory_id"] = target.cached("parent", target.create)["id"]
        case.body = body
