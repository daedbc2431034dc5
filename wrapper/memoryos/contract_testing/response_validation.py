"""Validate responses against the contract. Pure; applied to every response of a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping

from jsonschema_rs import Draft202012Validator

from .http_messages import MISSING, Response

if TYPE_CHECKING:
    from .contract import Contract, Operation

__all__ = ["RESPONSE_CHECKS", "Problem", "ResponseValidator"]

RESPONSE_CHECKS: Dict[str, str] = {
    "no-server-error": "No request causes a server error.",
    "documented-status": "Every status is documented for the operation.",
    "json-body": "Every body is JSON in UTF-8, and its Content-Type says so.",
    "response-schema": "Every body matches its schema in the contract, including the envelope.",
    "assumed-schema": "Every body matches the parts of its schema that the contract assumes.",
    "error-code": "Every error has the code that belongs to its status.",
    "request-id": "X-Request-Id and meta.request_id are equal.",
}
"""The checks of every response, with a description."""

_MAX_SHOWN_PROBLEMS = 3
_MAX_MESSAGE_CHARACTERS = 300
_MAX_SHOWN_BODY_BYTES = 80


@dataclass(frozen=True)
class Problem:
    """A difference between a response and the contract.

    Attributes:
        check: Name of the violated check, a key of `RESPONSE_CHECKS`.
        message: Description of the difference.
        assumed: The contract marks the violated part as assumed.
    """

    check: str
    message: str
    assumed: bool = False


class ResponseValidator:
    """Compares responses with the contract.

    Args:
        contract: The contract.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._validator = lru_cache(maxsize=None)(self._new_validator)

    def problems(self, operation: Operation, response: Response) -> List[Problem]:
        """Return the problems of a response to `operation`; empty if it is valid."""
        if response.status >= 500:
            message = f"status {response.status} {response.error.get('code', '')}".rstrip()
            return [Problem("no-server-error", message)]
        documented = self._contract.response(operation, response.status)
        if documented is None:
            statuses = ", ".join(operation.responses)
            message = f"status {response.status}; the contract documents {statuses}"
            return [Problem("documented-status", message)]
        if "content" not in documented:
            return []
        return [
            *_body_problems(response),
            *self._schema_problems(documented, response),
            *self._code_problems(operation, response),
            *_request_id_problems(response),
        ]

    def _schema_problems(
        self, documented: Mapping[str, Any], response: Response
    ) -> Iterator[Problem]:
        if response.json is MISSING:
            return
        reference = documented["content"]["application/json"]["schema"]["$ref"]
        found: Dict[bool, List[str]] = {False: [], True: []}
        for error in self._validator(reference).iter_errors(response.json):
            path = [*error.schema_path]
            missing = getattr(error.kind, "property", None)
            if path[-1:] == ["required"] and missing is not None:
                path = [*path[:-1], "properties", missing]
            location = ".".join(map(str, error.instance_path)) or "the body"
            message = f"{location}: {error.message}"[:_MAX_MESSAGE_CHARACTERS]
            found[self._contract.is_assumed(path)].append(message)
        for assumed, messages in found.items():
            if messages:
                check = "assumed-schema" if assumed else "response-schema"
                yield Problem(check, _summary(response.status, messages), assumed)

    def _code_problems(self, operation: Operation, response: Response) -> Iterator[Problem]:
        expected = self._contract.error_codes(operation, response.status)
        code = response.error.get("code")
        if expected and response.error and code not in expected:
            names = " or ".join(sorted(expected))
            yield Problem("error-code", f"{response.status} with the code {code!r}, not {names}")

    def _new_validator(self, reference: str) -> Draft202012Validator:
        components = self._contract.document["components"]
        schema = {"$ref": reference, "components": components}
        return Draft202012Validator(schema, validate_formats=True)


def _body_problems(response: Response) -> Iterator[Problem]:
    if response.json is MISSING:
        start = response.body[:_MAX_SHOWN_BODY_BYTES].decode("utf-8", "backslashreplace")
        yield Problem("json-body", f"{response.status} with a body that is not JSON: {start!r}")
        return
    media_type = response.headers.get("content-type", "")
    if media_type.partition(";")[0].strip().lower() != "application/json":
        yield Problem("json-body", f"{response.status} with Content-Type {media_type!r}")


def _request_id_problems(response: Response) -> Iterator[Problem]:
    header = response.headers.get("x-request-id")
    if header is None:
        yield Problem("request-id", "no X-Request-Id", assumed=True)
    elif response.meta and header != response.meta.get("request_id"):
        request_id = response.meta.get("request_id")
        message = f"X-Request-Id {header!r}, request_id {request_id!r}"
        yield Problem("request-id", message, assumed=True)


def _summary(status: int, messages: List[str]) -> str:
    shown = "; ".join(messages[:_MAX_SHOWN_PROBLEMS])
    more = len(messages) - _MAX_SHOWN_PROBLEMS
    return f"{status}: {shown}" + (f"; and {more} more" if more > 0 else "")
