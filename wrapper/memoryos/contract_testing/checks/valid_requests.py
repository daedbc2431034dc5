"""A valid request for each operation, which checks modify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict

if TYPE_CHECKING:
    from memoryos.contract_testing.contract import Operation
    from memoryos.contract_testing.target import Target

__all__ = ["valid_request"]


def valid_request(target: Target, operation: Operation) -> Dict[str, Any]:
    """Return arguments of `Target.call` for a valid request. Ids belong to the run's memories."""
    request: Dict[str, Any] = {}
    if "{memory_id}" in operation.path:
        request["memory_id"] = _memory_id(target, operation)
    body = _body(target, operation)
    if body is not None:
        request["body"] = body
    return request


def _memory_id(target: Target, operation: Operation) -> str:
    if operation.method == "DELETE":  # a server that accepts the request deletes the memory
        memory_id = str(target.create()["id"])
    else:
        memory_id = str(target.cached("varied", target.create)["id"])
    return memory_id


def _body(target: Target, operation: Operation) -> Any:
    if operation.body is None:
        return None
    text = target.unique_text("Contract test, varied")
    bodies: Dict[str, Dict[str, Any]] = {
        "create_memory": target.with_marker({"content": text}),
        "update_memory": {"importance_score": 0.5},
        "search_memories": {"query": text},
        "get_context": {"query": text},
        "create_entity": {"name": text, "type": "thing"},
    }
    return bodies[operation.id]
