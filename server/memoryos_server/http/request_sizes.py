"""What a valid request may not bring, since it is larger than this server takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos_server.contract.validation_messages import FieldError

from .request_limits import MAX_ITEMS, MAX_METADATA_BYTES, MAX_NAME_CHARACTERS, MAX_QUERY_CHARACTERS
from .strict_json import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["oversized"]

_NAMES = ("name", "external_id", "source_id", "search")
_LISTS = ("aliases", "tags", "entities")
_LABELS = ("tags", "entities")


def oversized(
    parameters: Mapping[str, Any], body: Mapping[str, Any] | None, body_bytes: int
) -> list[FieldError]:
    """Return what is larger than this server takes, though the contract allows it.

    Args:
        parameters: valid by the contract.
        body: likewise, or None.
        body_bytes: the length of the body as it came.
    """
    errors = list(_long_names(parameters, "query"))
    if body is not None:
        errors += _long_names(body, "body")
        errors += _long_lists(body, "body", _LISTS)
        if len(body.get("query", "")) > MAX_QUERY_CHARACTERS:
            errors.append(_too_long("body.query", MAX_QUERY_CHARACTERS))
        if "metadata" in body:
            errors += _large_metadata(body["metadata"], body_bytes)
    return errors


def _large_metadata(metadata: Mapping[str, Any], body_bytes: int) -> Iterator[FieldError]:
    # A part can't be larger than the whole that it came in.
    if body_bytes > MAX_METADATA_BYTES and len(encode(metadata)) > MAX_METADATA_BYTES:
        yield FieldError("body.metadata", f"must have at most {MAX_METADATA_BYTES} bytes as JSON")
    yield from _long_lists(metadata, "body.metadata", _LABELS)


def _long_names(values: Mapping[str, Any], root: str) -> Iterator[FieldError]:
    for name in _NAMES:
        value = values.get(name)
        if value is not None and len(value) > MAX_NAME_CHARACTERS:
            yield _too_long(f"{root}.{name}", MAX_NAME_CHARACTERS)


def _long_lists(
    values: Mapping[str, Any], root: str, names: tuple[str, ...]
) -> Iterator[FieldError]:
    for name in names:
        value = values.get(name)
        if not isinstance(value, list):  # metadata may hold anything by these names
            continue
        if len(value) > MAX_ITEMS:
            yield FieldError(f"{root}.{name}", f"must have at most {MAX_ITEMS} items")
        elif any(isinstance(item, str) and len(item) > MAX_NAME_CHARACTERS for item in value):
            yield FieldError(
                f"{root}.{name}", f"must have items of at most {MAX_NAME_CHARACTERS} characters"
            )


def _too_long(field: str, limit: int) -> FieldError:
    return FieldError(field, f"must have at most {limit} characters")
