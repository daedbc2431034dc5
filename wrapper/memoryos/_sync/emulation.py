# Written by tools/sync_from_async.py from _async/emulation.py: edit that file.
"""Do the work of features that a service doesn't name: filter while walking, find and then write.

Each function sends through the session that it is given, so that one which checks or changes what
passes, such as that of a scope, does so here too.
"""

from __future__ import annotations

import time
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterator,
    List,
    Mapping,
    Optional,
    Protocol,
    TypeVar,
    cast,
)

from memoryos._protocol import context_format, emulation, operations
from memoryos._protocol.memory_filters import MemoryFilter
from memoryos._protocol.observers import logger
from memoryos._protocol.response_fields import list_in, reading
from memoryos.exceptions import NotFoundError

if TYPE_CHECKING:
    from memoryos._protocol.operations import Operation
    from memoryos.types import ContextResponse, Memory, MemoryPage, SearchResponse

__all__ = [
    "MAX_RESULTS",
    "Caller",
    "context_from_results",
    "emulate",
    "find",
    "given_or_default",
    "list_by_walking",
    "upsert",
]

T = TypeVar("T")

MAX_RESULTS = 100
"""The most results that a search can have."""


class Caller(Protocol):
    """What these functions need of a session."""

    def call(self, operation: Operation[T], arguments: Mapping[str, Any]) -> T:
        """Send an operation with these arguments, and return its result."""
        ...

    def walk(self, arguments: Mapping[str, Any], page_size: int = ...) -> Iterator[Memory]:
        """Iterate over all memories that a list with these arguments contains."""
        ...


def emulate(
    session: Caller,
    operation: Operation[T],
    arguments: Mapping[str, Any],
    missing: FrozenSet[str],
) -> T:
    """Carry out an operation without some features.

    Args:
        session: The session to send with.
        operation: The operation.
        arguments: Its arguments, which are valid.
        missing: The features that the service doesn't name.

    Raises:
        NotSupportedError: The SDK can't do without one of them. Nothing was sent.
        MemoryOSError: A call failed.
    """
    emulation.check_emulated(operation.name, missing, arguments)
    return cast("T", _EMULATIONS[operation.name](session, arguments, missing))


def list_by_walking(session: Caller, arguments: Mapping[str, Any]) -> MemoryPage:
    """Return a page of the memories that the session's `walk` yields, counting all of them.

    Args:
        session: The session to walk with.
        arguments: The arguments of the list.
    """
    limit = given_or_default(operations.list_memories, arguments, "limit")
    offset = given_or_default(operations.list_memories, arguments, "offset")
    data: List[Memory] = []
    total = 0
    for memory in session.walk(arguments):
        if offset <= total < offset + limit:
            data.append(memory)
        total += 1
    has_more = total > offset + limit
    meta = {"total": total, "limit": limit, "offset": offset, "has_more": has_more}
    return cast("MemoryPage", {"data": data, "meta": meta})


def context_from_results(session: Caller, arguments: Mapping[str, Any]) -> ContextResponse:
    """Build a context from the results of a search, as the service does with its own.

    `token_count` is estimated, see `context_format.estimated_tokens`; the estimate keeps the
    budget. Each entry of `memories` has its `metadata`.

    Args:
        session: The session to search with.
        arguments: The arguments of the context.
    """
    started = time.monotonic()
    names = operations.argument_names("search_memories")
    filters = {name: value for name, value in arguments.items() if name in names}
    search = {**filters, "threshold": 0, "limit": MAX_RESULTS}
    answer = session.call(operations.search_memories, search)
    results = list_in(answer, "results")
    budget = given_or_default(operations.get_context, arguments, "max_tokens")
    form = given_or_default(operations.get_context, arguments, "format")
    built = context_format.build_context(results, budget, form)
    response: Dict[str, Any] = {
        "context": built.text,
        "memories": built.memories,
        "omitted": {"budget": built.over_budget, "duplicate": built.duplicates},
        "token_count": built.token_count,
        "retrieval_time_ms": round(1000 * (time.monotonic() - started)),
    }
    return cast("ContextResponse", response)


def find(session: Caller, external_id: str, tags: Optional[List[str]] = None) -> Optional[Memory]:
    """Return the newest memory with this external id and all these tags, or None."""
    for memory in session.walk({"external_id": external_id, "tags": tags}, 2):
        if memory.get("external_id") == external_id:
            return memory
    return None


def upsert(session: Caller, arguments: Mapping[str, Any]) -> Memory:
    """Update the newest memory with the `external_id` of these arguments, or create one."""
    return session.call(operations.create_memory, {**arguments, "upsert": True})


def given_or_default(operation: Operation[Any], arguments: Mapping[str, Any], name: str) -> Any:
    """Return an argument, or the contract's default."""
    value = arguments.get(name)
    return operation.arguments[name].default if value is None else value


def _search(
    session: Caller, arguments: Mapping[str, Any], missing: FrozenSet[str]
) -> SearchResponse:
    """Search with the highest limit, and return the best results that meet the other conditions.

    Results have no `external_id`: for that condition, all memories are listed first.
    """
    sent, conditions = emulation.split("search_memories", missing, arguments)
    limit = given_or_default(operations.search_memories, arguments, "limit")
    ids: Optional[FrozenSet[str]] = None
    external_id = conditions.get("external_id")
    if external_id is not None:
        with_key = session.walk({"external_id": external_id})
        ids = frozenset([memory["id"] for memory in with_key])
    answer = session.call(operations.search_memories, {**sent, "limit": MAX_RESULTS})
    matches = MemoryFilter({**conditions, "external_id": None})
    found = list_in(answer, "results")
    with reading("the results of the search"):
        candidates = found if ids is None else [one for one in found if one["id"] in ids]
        results = list(filter(matches, candidates))
    if len(found) >= MAX_RESULTS and len(results) < limit:
        logger.warning(
            "search_memories: the service has no filter for %s; of its %d best results, %d match, "
            "and there may be more",
            ", ".join(sorted(conditions)),
            len(found),
            len(results),
        )
    return {**answer, "results": results[:limit]}


def _get(session: Caller, arguments: Mapping[str, Any], missing: FrozenSet[str]) -> Memory:
    sent, _ = emulation.split("get_memory", missing, arguments)
    return session.call(operations.get_memory, sent)


def _create(session: Caller, arguments: Mapping[str, Any], missing: FrozenSet[str]) -> Memory:
    if "upsert" in missing:
        return _upsert(session, arguments)
    changed = emulation.create_arguments(arguments, missing)
    return session.call(operations.create_memory, changed)


def _upsert(session: Caller, arguments: Mapping[str, Any]) -> Memory:
    """Find, and then update or create. Not atomic."""
    fields, _ = emulation.split("create_memory", frozenset({"upsert"}), arguments)
    if not arguments.get("upsert"):  # `upsert_within` alone means nothing
        return session.call(operations.create_memory, fields)
    found = find(session, fields["external_id"], arguments.get("upsert_within"))
    if found is not None:
        changes = emulation.upsert_changes(cast("Mapping[str, Any]", found), fields)
        if not changes:
            return found
        try:
            update = {"memory_id": found["id"], **changes}
            return session.call(operations.update_memory, update)
        except NotFoundError:  # it was deleted meanwhile
            pass
    return session.call(operations.create_memory, fields)


def _update(session: Caller, arguments: Mapping[str, Any], missing: FrozenSet[str]) -> Memory:
    """Get, compare, and then update. Not atomic."""
    sent, unknown = emulation.split("update_memory", missing, arguments)
    memory = session.call(operations.get_memory, {"memory_id": sent["memory_id"]})
    if "if_updated_at" in unknown:
        emulation.check_unchanged(cast("Mapping[str, Any]", memory), unknown["if_updated_at"])
    changed = emulation.update_arguments(cast("Mapping[str, Any]", memory), sent, unknown)
    if changed.keys() == {"memory_id"}:
        return memory
    return session.call(operations.update_memory, changed)


_EMULATIONS: Dict[str, Callable[[Caller, Mapping[str, Any], FrozenSet[str]], Any]] = {
    "list_memories": lambda session, given, _: list_by_walking(session, given),
    "search_memories": _search,
    "get_context": lambda session, given, _: context_from_results(session, given),
    "get_memory": _get,
    "create_memory": _create,
    "update_memory": _update,
}
