"""What a made-up Memory OS answers: the contract's examples, made to fit what was asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, Mapping, Tuple
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from ._routes import Routes, Target

_ID = "memory_id"


def answer(routes: Routes, target: Target, query: str, body: bytes) -> Tuple[int, Dict[str, Any]]:
    """Return the status and the envelope that a valid request is answered with.

    An object has the id that was asked for, and the members that were sent. A page begins with the
    example's items, and no page follows.
    """
    status, envelope = routes.success(target.operation)
    if isinstance(envelope["data"], list):
        _page(envelope, dict(parse_qsl(query)))
    else:
        sent: Dict[str, Any] = json.loads(body.decode("utf-8")) if body else {}
        _fit(envelope["data"], sent, target.path_values)
    return status, envelope


def _page(envelope: Dict[str, Any], asked: Mapping[str, str]) -> None:
    items, meta = envelope["data"], envelope["meta"]
    limit, offset = int(asked.get("limit", meta["limit"])), int(asked.get("offset", 0))
    shown = items[offset : offset + limit]
    has_more = offset + limit < len(items)
    envelope["data"] = shown
    meta.update(total=len(items), limit=limit, offset=offset, has_more=has_more)


def _fit(data: Dict[str, Any], sent: Mapping[str, Any], path_values: Mapping[str, str]) -> None:
    data.update((name, value) for name, value in sent.items() if name in data)
    if _ID in path_values and "id" in data:
        data["id"] = path_values[_ID]
