"""Canned responses: the contract's examples, and the same content in each peer's format."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PATHS", "STORED", "answer"]

_CONTRACT = Path(__file__).parents[2] / "generated" / "memoryos_api" / "contract.json"
_EXAMPLES: dict[str, Any] = {
    name: example["value"]
    for name, example in json.loads(_CONTRACT.read_bytes())["components"]["examples"].items()
}
_MEMORY: dict[str, Any] = _EXAMPLES["Memory"]["data"]
_RESULT: dict[str, Any] = _EXAMPLES["SearchResponse"]["data"]["results"][0]
_META: dict[str, Any] = _EXAMPLES["MemoryPage"]["meta"]
STORED = 2000
"""The number of memories that the server pretends to have stored, as in peers/workload.py."""
_ID, _TEXT, _TIME = _MEMORY["id"], _MEMORY["content"], _MEMORY["created_at"]


def _as_large(item: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """Return a peer's item padded in its metadata to the size of the contract's item."""
    padded = {**item, "metadata": {"note": ""}}
    missing = len(json.dumps(model)) - len(json.dumps(padded))
    padded["metadata"]["note"] = "x" * max(0, missing)
    return padded


_MEM0 = _as_large({"id": _ID, "memory": _TEXT, "user_id": "ada", "created_at": _TIME}, _MEMORY)
_EPISODE = _as_large(
    {"uuid": _ID, "content": _TEXT, "created_at": _TIME, "source": "text", "processed": True},
    _MEMORY,
)
_SUPER_MEMORY = _as_large(
    {
        "id": _ID,
        "memory": _TEXT,
        "isStatic": False,
        "isInference": False,
        "isLatest": True,
        "isForgotten": False,
        "version": 1,
        "system": {"createdAt": _TIME, "updatedAt": _TIME},
    },
    _MEMORY,
)
_SUPER_RESULT = _as_large(
    {
        "id": _ID,
        "memory": _TEXT,
        "similarity": 0.8,
        "isLatest": True,
        "isInference": False,
        "system": {"createdAt": _TIME, "updatedAt": _TIME},
    },
    _RESULT,
)
_VECTOR_STORE = _as_large(
    {
        "id": _ID,
        "created_at": 1793607300,
        "file_counts": dict.fromkeys(
            ("cancelled", "completed", "failed", "in_progress", "total"), 1
        ),
        "name": _TEXT,
        "object": "vector_store",
        "status": "completed",
        "usage_bytes": 1,
    },
    _MEMORY,
)
_VECTOR_RESULT = {
    "attributes": {"note": "x" * 120},
    "content": [{"text": _TEXT, "type": "text"}],
    "file_id": _ID,
    "filename": "notes.txt",
    "score": 0.8,
}
_PAGES = {"currentPage": 1, "limit": 100, "totalItems": 100, "totalPages": 1}


def _listed(items: list[Any], kind: str = "documents") -> dict[str, Any]:
    return {"documents": [], "chunks": [], "memories": [], "pagination": _PAGES, kind: items}


def _page(count: int, offset: int) -> dict[str, Any]:
    """Return a page of the stored memories, each with an ID of its own."""
    numbers = range(offset, min(offset + count, STORED))
    items = [{**_MEMORY, "id": f"{number:08x}{_ID[8:]}"} for number in numbers]
    more = numbers.stop < STORED
    meta = {**_META, "total": STORED, "limit": count, "offset": offset, "has_more": more}
    return {"data": items, "meta": meta}


# By method and path: the content of the response for a number of items.
_BODIES: dict[str, Callable[[int], Any]] = {
    "POST /v1/memories": lambda _: _EXAMPLES["Memory"],
    "POST /v1/search": lambda count: {
        **_EXAMPLES["SearchResponse"],
        "data": {**_EXAMPLES["SearchResponse"]["data"], "results": [_RESULT] * count},
    },
    "GET /v1/ping/": lambda _: {"org_id": "o", "project_id": "p", "user_email": None},
    "POST /v3/memories/add/": lambda _: {"results": [_MEM0]},
    "POST /v3/memories/": lambda count: {"count": count, "next": None, "results": [_MEM0] * count},
    "POST /v3/memories/search/": lambda count: {
        "results": [{**_as_large(_MEM0, _RESULT), "score": 0.8}] * count
    },
    "POST /graphs/ada/episodes": lambda _: {"episode": _EPISODE},
    "POST /graphs/ada/episodes/list": lambda count: {"items": [_EPISODE] * count},
    "POST /graphs/ada/search/episodes": lambda count: {
        "items": [{**_as_large(_EPISODE, _RESULT), "score": 0.8}] * count
    },
    "POST /ns/ada/document": lambda _: {"id": _ID, "status": "queued", "note": "x" * 600},
    "POST /ns/ada/list/memories": lambda count: _listed([_SUPER_MEMORY] * count, "memories"),
    "POST /ns/ada/search": lambda count: {"results": [_SUPER_RESULT] * count, "searchTime": 5.0},
    "POST /v1/vector_stores": lambda _: _VECTOR_STORE,
    "GET /v1/vector_stores": lambda count: {
        "object": "list",
        "data": [_VECTOR_STORE] * count,
        "first_id": _ID,
        "last_id": _ID,
        "has_more": False,
    },
    "POST /v1/vector_stores/ada/search": lambda count: {
        "object": "vector_store.search_results.page",
        "search_query": ["query"],
        "data": [_VECTOR_RESULT] * count,
        "has_more": False,
        "next_page": None,
    },
}
_PAGED = "GET /v1/memories"
PATHS = frozenset([*_BODIES, _PAGED])


@cache
def answer(path: str, count: int, offset: int = 0) -> bytes:
    """Return the HTTP response to `METHOD /path`, with this number of items if it is a list."""
    content = _page(count, offset) if path == _PAGED else _BODIES[path](count)
    body = json.dumps(content, separators=(",", ":")).encode()
    head = (
        "HTTP/1.1 200 OK\r\n"
        "date: Mon, 02 Nov 2026 08:15:00 GMT\r\n"
        "content-type: application/json\r\n"
        f"content-length: {len(body)}\r\n"
        "x-request-id: req_8fk2m1x0\r\n\r\n"
    )
    return head.encode() + body
