"""How an item of a LangGraph store is kept as a memory.

- The namespace is a scope of one tag a label (`namespace0:users`, `namespace1:alice`). It is in the
  metadata too, as `namespace`, since tags are shortened.
- The key is `key` in the metadata; hashed, with the namespace, it is the `external_id`.
- The value has each of its keys in the metadata, as `value.KEY`, so that the service can filter.
- The indexed fields are the `content`, which is what a search compares with its query.
- The time of the last put is `updated_at` in the metadata: search results have no other.
- The ttl is the `expires_at`, and `ttl_minutes` in the metadata, for the refresh after a read.
"""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Sequence

from langgraph.store.base import Item, SearchItem, get_text_at_path

from memoryos._protocol import operations, times
from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos._protocol.response_fields import invalid_fields
from memoryos._protocol.validation import check

from ._texts import has_text

if TYPE_CHECKING:
    from datetime import datetime

    from langgraph.store.base import PutOp

__all__ = [
    "VALUE_PREFIX",
    "check_fields",
    "expiry",
    "external_id",
    "is_indexed",
    "item_of",
    "memory_of",
    "namespace_scope",
    "search_item",
    "ttl_minutes",
]

MAX_METADATA_BYTES = 65_536
"""Size limit of a memory's metadata, as compact JSON in UTF-8."""

_BYTES_PER_TAG = 128  # at most; a scope shortens longer labels
_SCOPE = {"store": "langgraph"}
VALUE_PREFIX = "value."

Memory = Mapping[str, Any]


def namespace_scope(namespace: Sequence[str]) -> Dict[str, str]:
    """Return the scope of a namespace: of its own items and of those in namespaces below it."""
    return {**_SCOPE, **{f"namespace{depth}": label for depth, label in enumerate(namespace)}}


def external_id(namespace: Sequence[str], key: str) -> str:
    """Return the external id of an item, the same for the same namespace and key.

    Raises:
        ValidationError: The namespace or the key is not valid Unicode.
    """
    address = json.dumps([list(namespace), key], ensure_ascii=False)
    try:
        return f"langgraph:{sha256(address.encode()).hexdigest()}"
    except UnicodeEncodeError:
        rule = "must not contain unpaired surrogates"
        raise invalid_argument("the namespace or the key", shown((namespace, key)), rule) from None


def memory_of(op: PutOp, index_fields: Sequence[str], now: datetime) -> Dict[str, Any]:
    """Return the arguments of `memories.upsert` for an item.

    Args:
        op: The operation, whose value is not None.
        index_fields: The paths of the fields to index, where the operation names none.
        now: The time.

    Raises:
        ValidationError: The value is no JSON object or too large, `ttl` is no number above 0, or
            `index` is no list of paths.
    """
    value = _checked_value(op)
    metadata: Dict[str, Any] = {
        "namespace": list(op.namespace),
        "key": op.key,
        "updated_at": now.isoformat(),
        **{f"{VALUE_PREFIX}{key}": field for key, field in value.items()},
    }
    if op.ttl is not None:
        check("ttl", op.ttl, {"type": "number"})
        if op.ttl <= 0:
            raise invalid_argument("ttl", shown(op.ttl), "must be more than 0 minutes")
        metadata["ttl_minutes"] = op.ttl
    _check_size(op, metadata)
    text = _indexed_text(op, index_fields)
    memory: Dict[str, Any] = {
        "external_id": external_id(op.namespace, op.key),
        "content": text or json.dumps([*op.namespace, op.key]),
        "tier": "long",  # the others are forgotten within days
        # Without `tags`, the client would look up and keep those of an item that is put again.
        "metadata": {**metadata, "indexed": bool(text), "tags": []},
    }
    if op.ttl is not None:
        memory["expires_at"] = expiry(op.ttl, now)
    return memory


def check_fields(name: str, fields: Any) -> None:
    """Check the paths of fields to index. A text would be a path for each of its letters.

    Raises:
        ValidationError: They are no list of texts.
    """
    check(name, fields, {"type": "array", "items": {"type": "string"}})


def _indexed_text(op: PutOp, index_fields: Sequence[str]) -> str:
    fields: Sequence[str] = ()
    if op.index is not False:
        fields = index_fields if op.index is None else op.index
        check_fields("index", fields)
    texts = [text for path in fields for text in get_text_at_path(op.value, path)]
    return "\n".join(filter(has_text, texts)).strip()


def _checked_value(op: PutOp) -> Dict[str, Any]:
    if not isinstance(op.value, Mapping):
        raise invalid_argument(f"the value of {shown(op.key)}", shown(op.value), "must be a dict")
    value = dict(op.value)
    # Raises the client's own error for what is no JSON, before any of a batch is stored.
    arguments = {"content": "-", "metadata": {"value": value}}
    operations.build_call(operations.create_memory, arguments)
    return value


def _check_size(op: PutOp, metadata: Mapping[str, Any]) -> None:
    compact = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))
    size = len(compact.encode()) + _BYTES_PER_TAG * (len(op.namespace) + 1)
    if size > MAX_METADATA_BYTES:
        raise invalid_argument(
            f"the value of {shown(op.key)}",
            f"{size:,} bytes with its namespace and key",
            f"must have at most {MAX_METADATA_BYTES:,} bytes as JSON; put a large text into "
            "storage of its own, and its address into the store",
        )


def expiry(minutes: float, now: datetime) -> str:
    """Return the time at which an item that lives `minutes` from now expires."""
    return (now + timedelta(minutes=minutes)).isoformat()


def item_of(memory: Memory) -> Optional[Item]:
    """Return the item that a memory keeps; None if it keeps none."""
    metadata = memory["metadata"]
    namespace, key = metadata.get("namespace"), metadata.get("key")
    if not isinstance(key, str) or not _are_labels(namespace):
        return None
    created_at = times.parse_leniently(memory["created_at"])
    if created_at is None:
        raise invalid_fields("created_at of a memory is not a time")
    put_at = times.parse_leniently(metadata.get("updated_at"))
    return Item(
        value={
            name[len(VALUE_PREFIX) :]: field
            for name, field in metadata.items()
            if name.startswith(VALUE_PREFIX)
        },
        key=key,
        namespace=tuple(namespace),
        created_at=created_at,
        # The clocks of this machine and of the service may differ.
        updated_at=max(created_at, put_at or created_at),
    )


def search_item(item: Item, score: Optional[float] = None) -> SearchItem:
    """Return an item as the result of a search."""
    return SearchItem(item.namespace, item.key, item.value, item.created_at, item.updated_at, score)


def is_indexed(memory: Memory) -> bool:
    """Return whether a search for a query may rank this memory."""
    return memory["metadata"].get("indexed") is not False


def ttl_minutes(memory: Memory) -> Optional[float]:
    """Return how long an item lives after it was put or read, in minutes; None: without end."""
    minutes = memory["metadata"].get("ttl_minutes")
    return minutes if isinstance(minutes, (int, float)) else None


def _are_labels(namespace: Any) -> bool:
    return isinstance(namespace, list) and all(isinstance(label, str) for label in namespace)
