"""The operations of a LangGraph store, as steps for a synchronous or an asynchronous client.

Each operation is a generator that yields the calls it needs and gets their results sent back.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Generator,
    List,
    Mapping,
    Optional,
    Sequence,
    Set,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from langgraph.store.base import GetOp, Item, ListNamespacesOp, PutOp, SearchItem, SearchOp

from memoryos._protocol.argument_errors import shown
from memoryos.exceptions import MemoryOSError, NotFoundError

from ._langgraph_filters import literal_prefix, matches, matches_namespace, value_conditions
from ._langgraph_items import (
    VALUE_PREFIX,
    expiry,
    external_id,
    is_indexed,
    item_of,
    memory_of,
    namespace_scope,
    search_item,
    ttl_minutes,
)
from ._texts import searchable

if TYPE_CHECKING:
    from langgraph.store.base import Op

__all__ = ["Call", "Steps", "Walk", "carry_out", "carry_out_async", "plan"]

MAX_HITS = 100
"""The most results that one search of the service returns."""

_NEVER = "9999-12-30T00:00:00+00:00"  # an update can move a time of expiry, and not remove it
_IF_THERE = (NotFoundError,)  # somebody else may have deleted it just now

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One call of a scoped client.

    Attributes:
        scope: The scope.
        method: A method of the client, such as `search`, or of its memories: `memories.find`.
        arguments: The arguments.
        ignored: Errors in whose place the result is None.
    """

    scope: Mapping[str, str]
    method: str
    arguments: Mapping[str, Any]
    ignored: Tuple[Type[MemoryOSError], ...] = ()


@dataclass(frozen=True)
class Walk:
    """A walk over a scope's memories, newest first, until one is not wanted any more.

    Attributes:
        scope: The scope.
        filters: Arguments of `memories.iterate`.
        take: Called with each memory; returns whether to go on.
    """

    scope: Mapping[str, str]
    filters: Mapping[str, Any]
    take: Callable[[Mapping[str, Any]], bool]


Steps = Generator[Union[Call, Walk], Any, T]


def plan(ops: Sequence[Op], index_fields: Sequence[str]) -> Steps[List[Any]]:
    """Carry out operations as one batch: all that read, then the last put for each key.

    Nothing is read or written if one of the operations is invalid.
    """
    now = datetime.now(timezone.utc)
    results: List[Any] = [None] * len(ops)
    writes = {(op.namespace, op.key): op for op in ops if isinstance(op, PutOp)}
    puts = [_put(op, index_fields, now) for op in writes.values()]
    reads = {at: _read(op, now) for at, op in enumerate(ops) if not isinstance(op, PutOp)}
    for at, steps in reads.items():
        results[at] = yield from steps
    for steps in puts:
        yield from steps
    return results


def _put(op: PutOp, index_fields: Sequence[str], now: datetime) -> Steps[None]:
    scope = namespace_scope(op.namespace)
    if op.value is None:
        return _delete(scope, external_id(op.namespace, op.key))
    return _upsert(scope, memory_of(op, index_fields, now))


def _read(op: Op, now: datetime) -> Steps[Any]:
    if isinstance(op, GetOp):
        return _get(op, now)
    if isinstance(op, SearchOp):
        return _Search(op, now).steps()
    if isinstance(op, ListNamespacesOp):
        _check_page(op)
        return _list_namespaces(op)
    raise ValueError(f"unknown operation of a store: {shown(op)}")


def _get(op: GetOp, now: datetime) -> Steps[Optional[Item]]:
    scope = namespace_scope(op.namespace)
    wanted = external_id(op.namespace, op.key)
    memory = yield Call(scope, "memories.find", {"external_id": wanted})
    if memory is None:
        return None
    if op.refresh_ttl:
        yield from _refresh(scope, memory, now)
    return item_of(memory)


def _upsert(scope: Mapping[str, str], arguments: Dict[str, Any]) -> Steps[None]:
    memory = yield Call(scope, "memories.upsert", arguments)
    if "expires_at" not in arguments and _expires(memory):
        # Put before with a time to live, and now without one.
        yield Call(scope, "memories.update", {"memory_id": memory["id"], "expires_at": _NEVER})


def _expires(memory: Mapping[str, Any]) -> bool:
    expires_at = memory["expires_at"]
    return expires_at is not None and not expires_at.startswith(_NEVER[:4])


def _delete(scope: Mapping[str, str], wanted: str) -> Steps[None]:
    ids: List[str] = []

    def take(memory: Mapping[str, Any]) -> bool:
        ids.append(memory["id"])
        return True

    # Of a service without atomic upserts there may be several.
    yield Walk(scope, {"external_id": wanted}, take)
    for memory_id in ids:
        yield Call(scope, "memories.delete", {"memory_id": memory_id}, _IF_THERE)


def _refresh(scope: Mapping[str, str], memory: Mapping[str, Any], now: datetime) -> Steps[None]:
    minutes = ttl_minutes(memory)
    if minutes is not None:
        arguments = {"memory_id": memory["id"], "expires_at": expiry(minutes, now)}
        yield Call(scope, "memories.update", arguments, _IF_THERE)


class _Search:
    """A search: the hits of its query, best first, then the other items, newest first."""

    def __init__(self, op: SearchOp, now: datetime) -> None:
        _check_page(op)
        self._op = op
        self._now = now
        self._scope = namespace_scope(op.namespace_prefix)
        self._wanted = op.offset + op.limit
        self._found: List[Tuple[SearchItem, Mapping[str, Any]]] = []
        self._seen: Set[Tuple[Tuple[str, ...], str]] = set()
        conditions = value_conditions(op.filter)
        named = {f"{VALUE_PREFIX}{key}": text for key, text in conditions.items()}
        self._filters = {"metadata": named} if named else {}

    def steps(self) -> Steps[List[SearchItem]]:
        op = self._op
        if op.limit == 0:
            return []
        query = searchable(op.query or "")
        if query:
            yield from self._rank(query)
        # Few hits don't mean that there are few items: a service that doesn't filter by tags spends
        # its hits on those of others.
        if len(self._found) < self._wanted:
            yield Walk(self._scope, self._filters, self._take)
        page = self._found[op.offset : self._wanted]
        if op.refresh_ttl:
            for _, memory in page:
                yield from _refresh(self._scope, memory, self._now)
        return [item for item, _ in page]

    def _rank(self, query: str) -> Steps[None]:
        """Take the hits of the query."""
        limit = MAX_HITS if self._op.filter else min(self._wanted, MAX_HITS)
        arguments = {"query": query, "threshold": 0.0, "limit": limit, **self._filters}
        response = yield Call(self._scope, "search", arguments)
        for hit in response["results"]:
            if is_indexed(hit):
                self._take(hit, hit["combined_score"])

    def _take(self, memory: Mapping[str, Any], score: Optional[float] = None) -> bool:
        item = item_of(memory)
        if item is not None and self._is_wanted(item):
            self._seen.add((item.namespace, item.key))
            self._found.append((search_item(item, score), memory))
        return bool(len(self._found) < self._wanted)

    def _is_wanted(self, item: Item) -> bool:
        is_new = (item.namespace, item.key) not in self._seen
        return is_new and matches(item.value, self._op.filter)


def _check_page(op: Union[SearchOp, ListNamespacesOp]) -> None:
    if op.limit < 0 or op.offset < 0:
        raise ValueError(f"limit and offset must not be negative; got {op.limit}, {op.offset}")


def _list_namespaces(op: ListNamespacesOp) -> Steps[List[Tuple[str, ...]]]:
    found: Set[Tuple[str, ...]] = set()
    conditions = op.match_conditions or ()

    def take(memory: Mapping[str, Any]) -> bool:
        item = item_of(memory)
        if item is not None and matches_namespace(item.namespace, conditions):
            found.add(item.namespace[: op.max_depth])
        return True

    yield Walk(namespace_scope(literal_prefix(conditions)), {}, take)
    return sorted(found)[op.offset : op.offset + op.limit]


def carry_out(step: Union[Call, Walk], client: Any) -> Any:
    """Carry out a step on a synchronous client's view of its scope."""
    if isinstance(step, Call):
        with suppress(*step.ignored):
            return _method(client, step.method)(**step.arguments)
        return None
    for memory in client.memories.iterate(**step.filters):
        if not step.take(memory):
            break
    return None


async def carry_out_async(step: Union[Call, Walk], client: Any) -> Any:
    """Carry out a step on an asynchronous client's view of its scope."""
    if isinstance(step, Call):
        with suppress(*step.ignored):
            return await _method(client, step.method)(**step.arguments)
        return None
    async for memory in client.memories.iterate(**step.filters):
        if not step.take(memory):
            break
    return None


def _method(client: Any, name: str) -> Callable[..., Any]:
    target = client
    for attribute in name.split("."):
        target = getattr(target, attribute)
    method: Callable[..., Any] = target
    return method
