"""Size limits of this server that the contract doesn't state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.contract.validation_messages import FieldError

from .request_limits import (
    MAX_LIST_ITEMS,
    MAX_METADATA_BYTES,
    MAX_NAME_CHARACTERS,
    MAX_QUERY_CHARACTERS,
)
from .strict_json import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["size_errors"]

_NAME_FIELDS = ("name", "external_id", "source_id", "search")
_LIST_FIELDS = ("aliases", "tags", "entities")
_METADATA_LIST_FIELDS = ("tags", "entities")


def size_errors(
    parameters: Mapping[str, Any], body: Mapping[str, Any] | None, body_bytes: int
) -> list[FieldError]:
    """Return an error for each field that exceeds a limit of `request_limits`.

    Args:
        parameters: The parameters, valid according to the contract.
        body: The body, valid according to the contract, or None.
        body_bytes: Length of the encoded body in bytes.
    """
    errors = list(_name_errors(parameters, "query"))
    if body is not None:
        errors += _name_errors(body, "body")
        errors += _list_errors(body, "body", _LIST_FIELDS)
        if len(body.get("query", "")) > MAX_QUERY_CHARACTERS:
            errors.append(_too_long("body.query", MAX_QUERY_CHARACTERS))
        if "metadata" in body:
            errors += _metadata_errors(body["metadata"], body_bytes)
    return errors


def _metadata_errors(metadata: Mapping[str, Any], body_bytes: int) -> Iterator[FieldError]:
    # Metadata can't be larger than the body it came in, so most requests skip the encoding.
    if body_bytes > MAX_METADATA_BYTES and len(encode(metadata)) > MAX_METADATA_BYTES:
        yield FieldError("body.metadata", f"must have at most {MAX_METADATA_BYTES} bytes as JSON")
    yield from _list_errors(metadata, "body.metadata", _METADATA_LIST_FIELDS)


def _name_errors(values: Mapping[str, Any], root: str) -> Iterator[FieldError]:
    for name in _NAME_FIELDS:
        value = values.get(name)
        if value is not None and len(value) > MAX_NAME_CHARACTERS:
            yield _too_long(f"{root}.{name}", MAX_NAME_CHARACTERS)


def _list_errors(
    values: Mapping[str, Any], root: str, names: tuple[str, ...]
) -> Iterator[FieldError]:
    for name in names:
        value = values.get(name)
        if not isinstance(value, list):  # in metadata these fields may have any type
            continue
        if len(value) > MAX_LIST_ITEMS:
            yield FieldError(f"{root}.{name}", f"must have at most {MAX_LIST_ITEMS} items")
        elif any(isinstance(item, str) and len(item) > MAX_NAME_CHARACTERS for item in value):
            yield FieldError(
                f"{root}.{name}", f"must have items of at most {MAX_NAME_CHARACTERS} characters"
            )


def _too_long(field: str, limit: int) -> FieldError:
    return FieldError(field, f"must have at most {limit} characters")
