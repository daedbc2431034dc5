"""HTTP requests: parsing and validating the query, headers and body."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from memoryos_server.contract.field_errors import FieldError
from memoryos_server.contract.parameters import parse_parameters
from memoryos_server.contract.strict_json import InvalidJSONError, decode, encode

from .http_errors import invalid_request, payload_too_large
from .request_limits import MAX_METADATA_BYTES, MAX_QUERY_STRING_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from memoryos_server.contract.routes import Operation

__all__ = ["Request", "check_body_length", "parse_request"]

_JSON = "application/json"
# More digits can't be a permitted length, and `int` would take long to parse very many.
_MAX_LENGTH_DIGITS = 19


@dataclass(frozen=True)
class Request:
    """An unparsed request; header values by lower-case name."""

    method: str
    path: str
    query: bytes
    # Not in the repr: the headers contain the API key, the body contains memories.
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
        """Return a request; `headers` are names and values in any case and order."""
        collected: dict[str, list[str]] = {}
        for name, value in headers:
            collected.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        return cls(method, path, query, collected, body)

    def header(self, name: str) -> list[str]:
        """Return all values of the header `name`, given in lower case."""
        return self.headers.get(name, [])


def parse_request(
    operation: Operation, path_values: Mapping[str, str], request: Request, max_body_bytes: int
) -> tuple[dict[str, Any], dict[str, Any] | None, AbstractSet[str]]:
    """Return the validated parameters and body of `operation`, with defaults filled in.

    The third part of the result is the names of the body's fields that were filled in.

    Raises:
        ServiceError: 413 for a body of more than `max_body_bytes`, 400 for an invalid request.
    """
    check_body_length(request, max_body_bytes)
    query, errors = _parse_query(request.query)
    path = {name: [value] for name, value in path_values.items()}
    parameters, invalid = parse_parameters(
        operation, {"path": path, "query": query, "header": request.headers}
    )
    errors += invalid
    body, invalid = _parse_body(operation, request)
    errors += invalid
    errors = errors or _size_errors(body, len(request.body))
    if errors:
        raise invalid_request(errors)
    if operation.body is None or body is None:
        return parameters, body, frozenset()
    given = frozenset(body)
    body = operation.body.complete(body)
    return parameters, body, body.keys() - given


def check_body_length(request: Request, max_body_bytes: int) -> None:
    """Check the length of the body, as declared and as received.

    Raises:
        ServiceError: 413, if it has more than `max_body_bytes`.
    """
    if _body_length(request) > max_body_bytes:
        raise payload_too_large(max_body_bytes)


def _body_length(request: Request) -> int:
    headers = request.header("content-length")
    is_number = bool(headers) and headers[0].isdecimal()
    declared = int(headers[0][:_MAX_LENGTH_DIGITS]) if is_number else 0
    return max(declared, len(request.body))


def _parse_query(query: bytes) -> tuple[dict[str, list[str]], list[FieldError]]:
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


def _parse_body(
    operation: Operation, request: Request
) -> tuple[dict[str, Any] | None, list[FieldError]]:
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
    return (None, errors) if errors else (value, [])


def _size_errors(body: Mapping[str, Any] | None, body_bytes: int) -> list[FieldError]:
    """Return an error if the metadata in a valid body of `body_bytes` bytes is too large.

    Tags are stored in the metadata, so their size is included.
    """
    # Metadata can't be larger than the body that contains it, so most requests skip the encoding.
    if body is None or body_bytes <= MAX_METADATA_BYTES:
        return []
    parts = [body[name] for name in ("metadata", "tags") if name in body]
    if sum(len(encode(part)) for part in parts) <= MAX_METADATA_BYTES:
        return []
    return [FieldError("body.metadata", f"must have at most {MAX_METADATA_BYTES} bytes as JSON")]


def _is_json(content_types: list[str]) -> bool:
    """Return whether the body is declared as JSON, or has no declared type."""
    if not content_types:
        return True
    media_type, _, parameters = content_types[0].partition(";")
    charset = parameters.strip().lower().replace('"', "")
    return (
        len(content_types) == 1
        and media_type.strip().lower() == _JSON
        and charset in {"", "charset=utf-8", "charset=utf8"}
    )
