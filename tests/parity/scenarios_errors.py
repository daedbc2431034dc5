"""Errors raised by the client before sending or returned by the service, with their messages."""

from __future__ import annotations

import pytest

from memoryos import MemoryOSError, NotFoundError, ValidationError

from .scenarios_memories import UNKNOWN_ID


def raised_error(error_class, operation, *args, **kwargs):
    """Return the error that a call must end with."""
    with pytest.raises(MemoryOSError) as caught:
        operation(*args, **kwargs)
    assert type(caught.value) is error_class
    return caught.value


def facts(error):
    return error.status, error.code, error.message


def an_unknown_id_is_a_404_with_the_operation_that_asked(memory):
    for operation, method, arguments in (
        (memory.memories.get, "GET", {}),
        (memory.memories.update, "PATCH", {"tier": "long"}),
        (memory.memories.delete, "DELETE", {}),
    ):
        error = raised_error(NotFoundError, operation, UNKNOWN_ID, **arguments)
        assert facts(error) == (404, "NOT_FOUND", "Memory not found")
        assert (error.method, error.path) == (method, f"/memories/{UNKNOWN_ID}")
        assert (error.attempts, error.request_id[:4]) == (1, "req_")


def what_can_be_known_before_is_refused_before_anything_is_sent(memory):
    made = memory.memories.create("the only one")["id"]
    for operation, arguments, named in (
        (memory.memories.create, {"content": ""}, "content"),
        (memory.memories.create, {"content": "c", "tier": "forever"}, "tier"),
        (memory.memories.create, {"content": "c", "importance_score": 1.5}, "importance_score"),
        (memory.memories.create, {"content": "c", "metadata": {"x": float("nan")}}, "metadata"),
        (memory.memories.create, {"content": "lone \ud800"}, "content"),
        (memory.memories.list, {"limit": 0}, "limit"),
        (memory.memories.list, {"limit": 101}, "limit"),
        (memory.memories.list, {"offset": -1}, "offset"),
        (memory.memories.get, {"memory_id": "../keys"}, "memory_id"),
        (memory.memories.update, {"memory_id": made}, ""),
        (memory.search, {}, "query"),
        (memory.search, {"embedding": [0.5] * 384}, "embedding"),
        (memory.search, {"query": "q", "threshold": 1.01}, "threshold"),
        (memory.get_context, {"query": "q", "max_tokens": -1}, "max_tokens"),
        (memory.get_context, {"query": "q", "format": "xml"}, "format"),
        (memory.tags.list, {"sort": "colour"}, "sort"),
        (memory.entities.create, {"name": "Ada", "type": "countess"}, "type"),
    ):
        error = raised_error(ValidationError, operation, **arguments)
        assert (error.status, error.code, error.attempts) == (400, "VALIDATION_ERROR", 0)
        assert named in error.message
    assert memory.memories.list()["meta"]["total"] == 1


def an_unknown_parent_is_refused_by_the_service(memory):
    error = raised_error(ValidationError, memory.memories.create, "c", parent_memory_id=UNKNOWN_ID)
    assert (error.status, error.code, error.attempts) == (400, "VALIDATION_ERROR", 1)
    assert "parent_memory_id" in error.message
    assert memory.memories.list()["data"] == []


def an_embedding_from_another_model_is_refused_with_the_name_of_ours(memory):
    memory.memories.create("red")
    error = raised_error(ValidationError, memory.search, embedding=[0.1] * 1536)
    assert (error.status, "hashing-384" in error.message) == (400, True)
    error = raised_error(ValidationError, memory.search, embedding=[0.0] * 1536)
    assert "embedding" in error.message


def a_body_that_is_too_large_is_a_413(memory):
    error = raised_error(MemoryOSError, memory.memories.create, "x" * 1_100_000)
    assert (error.status, error.code) == (413, "PAYLOAD_TOO_LARGE")
    assert memory.memories.list()["data"] == []
