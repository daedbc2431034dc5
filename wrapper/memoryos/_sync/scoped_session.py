# Written by tools/sync_from_async.py from _async/scoped_session.py: edit that file.
"""Session of a scope: what it sends carries the scope's tags, and what comes back is verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterator,
    Mapping,
    Optional,
    Set,
    TypeVar,
    cast,
)

from memoryos._protocol import operations
from memoryos._protocol.argument_errors import shown
from memoryos._protocol.memory_filters import MemoryFilter
from memoryos._protocol.pagination import MAX_PAGE_SIZE, REMEMBERED_IDS
from memoryos._protocol.response_fields import invalid_fields, list_in
from memoryos._protocol.scope_warnings import warn
from memoryos._protocol.scopes import Scope, texts_of
from memoryos.exceptions import NotFoundError, NotSupportedError

from .emulation import (
    MAX_RESULTS,
    context_from_results,
    emulate,
    find,
    given_or_default,
    list_by_walking,
)
from .tag_probe import TagProbe

if TYPE_CHECKING:
    from memoryos._protocol.calls import Call
    from memoryos._protocol.features import ServiceFeatures
    from memoryos._protocol.operations import Operation
    from memoryos._protocol.retries import CallResult, Clock, Policy
    from memoryos._protocol.settings import Settings
    from memoryos.types import ContextResponse, Deletion, Memory, MemoryPage, SearchResponse

    from .session import Session

T = TypeVar("T")

_CREATE, _UPDATE = operations.create_memory, operations.update_memory
_LIST, _SEARCH, _CONTEXT = (
    operations.list_memories,
    operations.search_memories,
    operations.get_context,
)

_UPSERT = frozenset({"upsert"})
_ATOMIC_UPSERT = frozenset({"upsert", "tags"})
_VERIFIABLE_CONTEXT = frozenset({"filters", "context-metadata"})


@dataclass(frozen=True, repr=False)
class ScopedSession:
    """A session whose calls stay within a scope.

    Attributes:
        session: The client's session.
        scope: The scope.
    """

    session: Session
    scope: Scope

    def call(self, operation: Operation[T], arguments: Mapping[str, Any]) -> T:
        """Send an operation within the scope, and return its verified result.

        Raises:
            NotFoundError: There is no such memory in the scope.
            MemoryOSError: An argument is invalid, the call failed, or the client is closed.
        """
        carry_out = _OPERATIONS.get(operation.name)
        if carry_out is None:
            message = f"A scope has no operation {operation.name}; use the client itself"
            raise NotSupportedError("NOT_SUPPORTED", message, 501)
        return cast("T", carry_out(self, arguments))

    def create(self, arguments: Mapping[str, Any]) -> Memory:
        """Create a memory in the scope, or update the one with its external id."""
        self._check_parent(arguments)
        if arguments.get("upsert"):
            return self._upsert(arguments)
        memory = self.session.call(_CREATE, self.scope.creation(arguments))
        self._check_stored(memory)
        return memory

    def _upsert(self, arguments: Mapping[str, Any]) -> Memory:
        given, has_tags = self.scope.upsert(arguments)
        operations.build_call(_CREATE, given)  # raises before anything is sent
        features = self.session.named_features()
        if not (self.features.tag_filtering.works and features >= _ATOMIC_UPSERT):
            return emulate(self, _CREATE, given, _UPSERT)
        if not has_tags:  # then those of an existing memory stay
            existing = find(self, arguments["external_id"])
            given["tags"] = self.scope.with_own(existing and texts_of(existing))
        given["upsert_within"] = self.scope.tags
        memory = self.session.call(_CREATE, given)
        self._check_stored(memory)
        return memory

    def create_call(self, arguments: Mapping[str, Any]) -> Call[Memory]:
        """Return the call that creates a memory in the scope, for `send`."""
        self._check_parent(arguments)
        return self.session.create_call(self.scope.creation(arguments))

    def send(self, call: Call[Any], policy: Policy) -> CallResult:
        """Send a call of `create_call`, and return its verified result."""
        result = self.session.send(call, policy)
        self._check_stored(result.data)
        return result

    def _check_parent(self, arguments: Mapping[str, Any]) -> None:
        parent = arguments.get("parent_memory_id")
        if parent is not None:
            operations.build_call(_CREATE, arguments)  # raises before anything is sent
            self._look_up(parent)

    def _look_up(self, memory_id: str) -> Memory:
        """Return a memory of the scope for a check, which counts as no access."""
        return self.get({"memory_id": memory_id, "uncounted": True})

    def get(self, arguments: Mapping[str, Any]) -> Memory:
        """Return a memory of the scope.

        Raises:
            NotFoundError: There is none with this id, or it belongs to another scope.
        """
        try:
            memory = self.session.call(operations.get_memory, arguments)
        except NotFoundError as error:
            # With the same message as below, which must not reveal that a memory exists.
            raise _not_found() from error
        if not self.scope.covers(memory):
            raise _not_found()
        return memory

    def update(self, arguments: Mapping[str, Any]) -> Memory:
        """Change a memory of the scope, which keeps the scope's tags.

        Raises:
            NotFoundError: There is none with this id, or it belongs to another scope.
        """
        operations.build_call(_UPDATE, arguments)  # raises before anything is sent
        existing = self._look_up(arguments["memory_id"])
        changed = dict(arguments)
        if arguments.get("tags") is not None:
            changed["tags"] = self.scope.with_own(arguments["tags"])
        if arguments.get("metadata") is not None:
            kept = {"tags": texts_of(existing), **arguments["metadata"]}
            changed["metadata"] = self.scope.metadata(kept)
        updated = self.session.call(_UPDATE, changed)
        self._check_stored(updated)
        return updated

    def delete(self, memory_id: str) -> Deletion:
        """Delete a memory of the scope.

        Raises:
            NotFoundError: There is none with this id, or it belongs to another scope.
        """
        self._look_up(memory_id)
        return self.session.call(operations.delete_memory, {"memory_id": memory_id})

    def list(self, arguments: Mapping[str, Any]) -> MemoryPage:
        """Return a page of the scope's memories."""
        sent = {**arguments, "tags": self.scope.with_own(arguments.get("tags"))}
        known = self.features.tag_filtering
        if known.applies_to(_LIST.name):
            page = self.session.call(_LIST, sent)
            known.learn(_LIST.name, self.scope.tags, page["data"])
            is_own = all(map(self.scope.covers, page["data"])) and self._probe.is_filtered(page)
            if is_own and (page["data"] or self._probe.finds_by_tags()):
                return page
        return list_by_walking(self, arguments)

    def walk(
        self, arguments: Mapping[str, Any], page_size: int = MAX_PAGE_SIZE
    ) -> Iterator[Memory]:
        """Iterate over the scope's memories, newest first.

        Args:
            arguments: The filters of `list`.
            page_size: The number of memories per request, from 2 to 100.
        """
        tags = self.scope.with_own(arguments.get("tags"))
        operations.build_call(_LIST, {**arguments, "tags": tags})  # raises before anything is sent
        matches = MemoryFilter({"tags": tags})
        known = self.features.tag_filtering
        yielded: Set[str] = set()
        if known.applies_to(_LIST.name):
            for memory in self.session.walk({**arguments, "tags": tags}, page_size):
                if self.scope.covers(memory):
                    if len(yielded) < REMEMBERED_IDS:
                        yielded.add(memory["id"])
                    yield memory
                elif not matches(memory):
                    known.learn(_LIST.name, self.scope.tags, [memory])
                    break
            else:
                if yielded or self._probe.finds_by_tags():
                    return
        for memory in self.session.walk({**arguments, "tags": None}, page_size):
            if self.scope.covers(memory) and matches(memory) and memory["id"] not in yielded:
                yield memory

    def search(self, arguments: Mapping[str, Any]) -> SearchResponse:
        """Search the scope's memories."""
        tags = self.scope.with_own(arguments.get("tags"))
        sent: Dict[str, Any] = {**arguments, "tags": tags}
        known = self.features.tag_filtering
        if known.applies_to(_SEARCH.name):
            response = self.session.call(_SEARCH, sent)
            results = list_in(response, "results")
            if all(map(self.scope.covers, results)) and (results or self._probe.finds_by_tags()):
                return response
            known.learn(_SEARCH.name, self.scope.tags, results)
        operations.build_call(_SEARCH, sent)  # raises before anything is sent
        if not known.works:
            sent["tags"] = None
        sent["limit"] = MAX_RESULTS
        response = self.session.call(_SEARCH, sent)
        return self._verified(response, given_or_default(_SEARCH, arguments, "limit"), tags)

    def get_context(self, arguments: Mapping[str, Any]) -> ContextResponse:
        """Return a context of the scope's memories.

        The service's text is used only if all its memories are known to belong to the scope.
        """
        sent = {**arguments, "tags": self.scope.with_own(arguments.get("tags"))}
        operations.build_call(_CONTEXT, sent)  # raises before anything is sent
        known = self.features.tag_filtering
        names = self.session.named_features()
        if known.applies_to(_CONTEXT.name) and names >= _VERIFIABLE_CONTEXT:
            response = self.session.call(_CONTEXT, sent)
            entries = list_in(response, "memories")
            if all(map(self.scope.covers, entries)) and (
                entries or (not response["context"] and self._probe.finds_by_tags())
            ):
                return response
            known.learn(_CONTEXT.name, self.scope.tags, entries)
        return context_from_results(self, arguments)

    def _verified(self, response: SearchResponse, limit: int, tags: Any) -> SearchResponse:
        """Return a response with the results that belong to the scope and have these tags."""
        results, matches = list_in(response, "results"), MemoryFilter({"tags": tags})
        own = [result for result in results if self.scope.covers(result)]
        kept = [result for result in own if matches(result)][:limit]
        if len(kept) < limit and len(own) < len(results):
            warn(
                self.scope,
                "The search found memories that don't belong to the scope, which were left out. "
                "There may be further memories of the scope that it didn't return",
            )
        return cast("SearchResponse", {**response, "results": kept})

    def _check_stored(self, memory: Mapping[str, Any]) -> None:
        """Check that the service has stored the scope's tags.

        Raises:
            InvalidResponseError: It hasn't, so that nobody would find the memory again.
        """
        if not self.scope.covers(memory):
            raise invalid_fields(
                "the stored memory doesn't have the scope's tags in its metadata",
                "Delete it, and check whether the API key has tags of another scope. "
                f"The memory's id is {shown(memory.get('id'))}",
            )
        self._probe.learn_from_write(memory)

    @property
    def _probe(self) -> TagProbe:
        return TagProbe(self.session, self.scope)

    # What the bulk operations use of a session.

    @property
    def policy(self) -> Policy:
        """The limits of a call."""
        return self.session.policy

    @property
    def clock(self) -> Clock:
        """The client's clock."""
        return self.session.clock

    @property
    def sleep(self) -> Callable[[float], None]:
        """How the client waits."""
        return self.session.sleep

    @property
    def settings(self) -> Settings:
        """The client's settings."""
        return self.session.settings

    @property
    def features(self) -> ServiceFeatures:
        """What is known of the service."""
        return self.session.features

    def named_features(self) -> FrozenSet[str]:
        """Return the features that the service names."""
        return self.session.named_features()

    def with_settings(self, settings: Settings) -> ScopedSession:
        """Return a session of the same scope with other settings."""
        return ScopedSession(self.session.with_settings(settings), self.scope)

    @property
    def useful_threads(self) -> Optional[int]:
        """How many threads do more than fewer of them, or None for any number."""
        return self.session.useful_threads

    def with_sleep(self, sleep: Callable[[float], None]) -> ScopedSession:
        """Return a session of the same scope that waits with `sleep` between attempts."""
        return ScopedSession(self.session.with_sleep(sleep), self.scope)


def _not_found() -> NotFoundError:
    return NotFoundError("NOT_FOUND", "There is no memory with this id in this scope", 404)


_OPERATIONS: Dict[str, Callable[[ScopedSession, Mapping[str, Any]], Any]] = {
    "create_memory": ScopedSession.create,
    "list_memories": ScopedSession.list,
    "get_memory": ScopedSession.get,
    "update_memory": ScopedSession.update,
    "delete_memory": lambda session, given: session.delete(given["memory_id"]),
    "search_memories": ScopedSession.search,
    "get_context": ScopedSession.get_context,
}
