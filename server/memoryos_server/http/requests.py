"""What arrived, taken apart: query, headers and body, as the contract's checks need them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from memoryos_server.contract.parameters import read_parameters
from memoryos_server.contract.validation_messages import FieldError

from .http_errors import invalid_request, payload_too_large
from .request_limits import MAX_QUERY_STRING_BYTES
from .request_sizes import oversized
from .strict_json import InvalidJSONError, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from memoryos_server.contract.routes import Operation

__all__ = ["Request", "read"]

_JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """One request as it came; values of headers by their names in lower case."""

    method: str
    path: str
    query: bytes
    # Left out of the repr: they hold the key, and what is remembered.
    headers: Mapping[str, list[str]] = field(repr=False)
    body: bytes = field(repr=False)

    @classmethod
    def build(
        cls,
        method: str,
        path: str,
        query: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes,
    ) -> Request:
        """Return the request; `headers` are name and value, in any case and order."""
        collected: dict[str, list[str]] = {}
        for name, value in headers:
            collected.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        return cls(method, path, query, collected, body)

    def header(self, name: str) -> list[str]:
        """Return all values of the header `name` (in lower case)."""
        return self.headers.get(name, [])


def read(
    operation: Operation, path_values: Mapping[str, str], request: Request, max_body_bytes: int
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the parameters and the body that `operation` asks for, checked and completed.

    Raises:
        ServiceError: 413 for a body of more than `max_body_bytes`, 400 for any broken rule.
    """
    if _body_length(request) > max_body_bytes:
        raise payload_too_large(max_body_bytes)
    query, errors = _query(request.query)
    path = {name: [value] for name, value in path_values.items()}
    parameters, broken = read_parameters(
        operation, {"path": path, "query": query, "header": request.headers}
    )
    errors += broken
    body, broken = _body(operation, request)
    errors += broken
    errors = errors or oversized(body, len(request.body))
    if errors:
        raise invalid_request(errors)
    return parameters, body


def _body_length(request: Request) -> int:
    declared = request.header("content-length")
    # Nineteen digits are too many bytes already, and few enough for any integer parser.
    stated = int(declared[0][:19]) if declared and declared[0].isdecimal() else 0
    return max(stated, len(request.body))


def _query(query: bytes) -> tuple[dict[str, list[str]], list[FieldError]]:
    values: dict[str, list[str]] = {}
    if len(query) > MAX_QUERY_STRING_BYTES:
        return values, [FieldError("query", f"must have at most {MAX_QUERY_STRING_BYTES} bytes")]
    try:
        pairs = parse_qsl(query.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        return values, [FieldError("query", "is not valid UTF-8")]
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values, []


def _body(operation: Operation, request: Request) -> tuple[dict[str, Any] | None, list[FieldError]]:
    if operation.body is None:
        return None, []
    if not request.body:
        return None, [FieldError("body", "is required")] if operation.body_required else []
    if not _is_json(request.header("content-type")):
        return None, [FieldError("header.Content-Type", f"must be {_JSON}")]
    try:
        value = decode(request.body)
    except InvalidJSONError as error:
        return None, [FieldError("body", str(error))]
    errors = operation.body.errors(value, "body")
    return (None, errors) if errors else (operation.body.complete(value), [])


def _is_json(content_types: list[str]) -> bool:
    """Say whether the body is declared as JSON; undeclared, it is taken for JSON too."""
    if not content_types:
        return True
    media_type, _, parameters = content_types[0].partition(";")
    charset = parameters.strip().lower().replace('"', "")
    return (
        len(content_types) == 1
        and media_type.strip().lower() == _JSON
        and charset in {"", "charset=utf-8", "charset=utf8"}
    )
