"""Whether an response is one that the contract describes. Pure; every response of a run is judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping

from jsonschema_rs import Draft202012Validator

from .http_messages import MISSING, Response

if TYPE_CHECKING:
    from .contract import Contract, Operation

__all__ = ["RESPONSE_CHECKS", "ResponseValidator", "Problem"]

RESPONSE_CHECKS: Dict[str, str] = {
    "no-server-error": "No request makes the service fail.",
    "documented-status": "Every status is one that the contract gives for the operation.",
    "json-body": "Every body is JSON in UTF-8, and says so in Content-Type.",
    "response-schema": "Every body has the form that the contract gives it, envelope included.",
    "assumed-schema": "Every body has the form that the contract assumes where it does not know.",
    "error-code": "Every error carries the code that belongs to its status.",
    "request-id": "X-Request-Id and meta.request_id name the request alike.",
}
"""What is looked at in every response, with a sentence on what it shows."""

_SHOWN_PROBLEMS = 3


@dataclass(frozen=True)
class Problem:
    """Something about an response that the contract does not say."""

    check: str
    message: str
    assumed: bool = False


class ResponseValidator:
    """Compares answers with the contract.

    Args:
        contract: says what an response looks like.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._validator = lru_cache(maxsize=None)(self._new_validator)

    def problems(self, operation: Operation, response: Response) -> List[Problem]:
        """Return what is wrong with an response of `operation`."""
        if response.status >= 500:
            message = f"answers {response.status} {response.error.get('code', '')}".rstrip()
            return [Problem("no-server-error", message)]
        response = operation.responses.get(str(response.status))
        if response is None:
            documented = ", ".join(operation.responses)
            message = f"answers {response.status}; the contract has {documented}"
            return [Problem("documented-status", message)]
        if "content" not in response:
            return []
        return [
            *_body_problems(response),
            *self._schema_problems(response, response),
            *self._code_problems(operation, response),
            *_request_id_problems(response),
        ]

    def _schema_problems(self, response: Mapping[str, Any], response: Response) -> Iterator[Problem]:
        if response.json is MISSING:
            return
        reference = response["content"]["application/json"]["schema"]["$ref"]
        found: Dict[bool, List[str]] = {False: [], True: []}
        for error in self._validator(reference).iter_errors(response.json):
            path = [*error.schema_path]
            missing = getattr(error.kind, "property", None)
            if path[-1:] == ["required"] and missing is not None:
                path = [*path[:-1], "properties", missing]
            place = ".".join(map(str, error.instance_path)) or "the body"
            found[self._contract.is_assumed(path)].append(f"{place}: {error.message}"[:300])
        for assumed, messages in found.items():
            if messages:
                check = "assumed-schema" if assumed else "response-schema"
                yield Problem(check, _several(response.status, messages), assumed)

    def _code_problems(self, operation: Operation, response: Response) -> Iterator[Problem]:
        expected = self._contract.error_code(operation, response.status)
        code = response.error.get("code")
        if expected is not None and response.error and code != expected:
            yield Problem("error-code", f"{response.status} with the code {code!r}, not {expected}")

    def _new_validator(self, reference: str) -> Draft202012Validator:
        components = self._contract.document["components"]
        schema = {"$ref": reference, "components": components}
        return Draft202012Validator(schema, validate_formats=True)


def _body_problems(response: Response) -> Iterator[Problem]:
    if response.json is MISSING:
        start = response.body[:80].decode("utf-8", "backslashreplace")
        yield Problem("json-body", f"{response.status} with a body that is no JSON: {start!r}")
        return
    media_type = response.headers.get("content-type", "")
    if media_type.partition(";")[0].strip().lower() != "application/json":
        yield Problem("json-body", f"{response.status} with Content-Type {media_type!r}")


def _request_id_problems(response: Response) -> Iterator[Problem]:
    header = response.headers.get("x-request-id")
    if header is None:
        yield Problem("request-id", "no X-Request-Id", assumed=True)
    elif response.meta and header != response.meta.get("request_id"):
        named = response.meta.get("request_id")
        yield Problem("request-id", f"X-Request-Id {header!r}, request_id {named!r}", assumed=True)


def _several(status: int, messages: List[str]) -> str:
    shown = "; ".join(messages[:_SHOWN_PROBLEMS])
    more = len(messages) - _SHOWN_PROBLEMS
    return f"{status}: {shown}" + (f"; and {more} more" if more > 0 else "")
