"""Answers of the API, as far as the tests of the command line need them."""

from __future__ import annotations

import json

import httpx

ID = "550e8400-e29b-41d4-a716-446655440000"
OTHER_ID = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
LONG_AGO = "2020-01-02T03:04:05.678901Z"


def memory(**fields):
    return {
        "id": ID,
        "content": "Ada drinks her coffee black",
        "content_type": "fact",
        "tier": "long",
        "memory_nature": "semantic",
        "relevance_score": 0.93,
        "importance_score": 0.5,
        "confidence_score": 1.0,
        "decay_rate": 0.001,
        "access_count": 2,
        "last_accessed_at": LONG_AGO,
        "parent_memory_id": None,
        "external_id": None,
        "source_id": None,
        "metadata": {},
        "pii_detected": False,
        "pii_fields": [],
        "integrity_hash": "0" * 64,
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "expires_at": None,
        **fields,
    }


def search_result(**fields):
    return {
        **memory(),
        "similarity": 0.87,
        "combined_score": 0.81,
        **fields,
    }


def tag(**fields):
    return {
        "id": ID,
        "name": "coffee",
        "color": None,
        "description": None,
        "memory_count": 3,
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        **fields,
    }


def entity(**fields):
    return {
        "id": ID,
        "name": "Ada Lovelace",
        "type": "person",
        "aliases": ["Ada"],
        "metadata": {},
        "created_at": LONG_AGO,
        **fields,
    }


def item(data):
    return httpx.Response(200, json={"data": data, "meta": {"request_id": "req_1"}})


def page(*items, total=None, **meta):
    total = len(items) if total is None else total
    meta = {"total": total, "limit": 50, "offset": 0, "has_more": total > len(items), **meta}
    return httpx.Response(200, json={"data": list(items), "meta": {"request_id": "req_1", **meta}})


def error(status, code="SOME_CODE", message="No", **headers):
    told = {"code": code, "message": message, "details": {}}
    body = {"error": told, "meta": {"request_id": "req_1"}}
    return httpx.Response(status, json=body, headers=headers)


def echo(request):
    """Answer a creation with what was sent; refuse the content `refuse`."""
    sent = json.loads(request.content)
    if sent["content"] == "refuse":
        return error(400, "VALIDATION_ERROR", "content is not to be stored")
    return item(memory(**sent))
