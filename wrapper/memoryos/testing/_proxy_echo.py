"""Default responses of a proxy without a service."""

from __future__ import annotations

import json
from typing import Any, Dict

from ._http_messages import Received, Reply

_COLLECTIONS = ("memories", "tags", "entities")


def echo(received: Received) -> Reply:
    """Return a response that contains the fields, the id and the path of the request.

    A list is empty. Nothing is stored or validated.
    """
    last = received.path.rstrip("/").rpartition("/")[2]
    if received.method == "GET" and last in _COLLECTIONS:
        paging = {"total": 0, "limit": 50, "offset": 0, "has_more": False}
        return _reply({"data": [], "meta": {**paging, "request_id": "req_echo"}})
    if received.method == "DELETE":
        return _reply({"data": {"deleted": True}, "meta": {}})
    data: Dict[str, Any] = {"id": last, "path": received.path}
    if received.body:
        data.update(received.json())
    return _reply({"data": data, "meta": {"request_id": "req_echo"}})


def _reply(envelope: Dict[str, Any]) -> Reply:
    return Reply(200, json.dumps(envelope).encode())
