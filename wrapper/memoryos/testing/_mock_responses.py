"""Mock responses: the contract's examples, adapted to the request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Mapping, Tuple
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from ._routes import Routes, Target

_ID = "memory_id"


def example_response(
    routes: Routes, target: Target, query: str, body: bytes
) -> Tuple[int, Dict[str, Any]]:
    """Return the status and the envelope of the response to a valid request.

    An object has the id from the path and the fields of the request body. A list has the example's
    items, with limit and offset applied.
    """
    status, envelope = routes.success(target.operation)
    if isinstance(envelope["data"], list):
        _apply_page(envelope, dict(parse_qsl(query)))
    else:
        sent: Dict[str, Any] = json.loads(body.decode("utf-8")) if body else {}
        _apply_request(envelope["data"], sent, target.path_values)
    return status, envelope


def _apply_page(envelope: Dict[str, Any], query: Mapping[str, str]) -> None:
    items, meta = envelope["data"], envelope["meta"]
    limit, offset = int(query.get("limit", meta["limit"])), int(query.get("offset", 0))
    shown = items[offset : offset + limit]
    has_more = offset + limit < len(items)
    envelope["data"] = shown
    meta.update(total=len(items), limit=limit, offset=offset, has_more=has_more)


def _apply_request(
    data: Dict[str, Any], sent: Mapping[str, Any], path_values: Mapping[str, str]
) -> None:
    data.update((name, value) for name, value in sent.items() if name in data)
    if _ID in path_values and "id" in data:
        data["id"] = path_values[_ID]
