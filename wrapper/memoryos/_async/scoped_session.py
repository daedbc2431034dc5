"""Session of a scope: what it sends carries the scope's tags, and what comes back is verified."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Dict,
    List,
    Mapping,
    TypeVar,
    cast,
)

from memoryos._protocol import operations
from memoryos._protocol.pagination import MAX_PAGE_SIZE, Paginator
from memoryos._protocol.response_fields import invalid_fields, reading
from memoryos._protocol.scopes import PageWindow, Scope, has_tags, narrowing_tags
from memoryos.exceptions import MemoryOSError, NotFoundError, NotSupportedError, ScopeWarning

if TYPE_CHECKING:
    from memoryos._protocol.features import ServiceFeatures
    from memoryos._protocol.operations import Operation
    from memoryos._protocol.retries import CallResult, Clock
    from memoryos._protocol.settings import Settings
    from memoryos.types import Deletion, Memory, MemoryPage, SearchResponse

    from .session import AsyncSession

T = TypeVar("T")

MAX_RESULTS = 100
"""How many results are asked for where the service doesn't filter them."""

DEFAULT_RESULTS = 20

_FIRST_WRITE_QUERY_CHARACTERS = 200

_logger = logging.getLogger("memoryos.scopes")


@dataclass(frozen=True, repr=False)
class AsyncScopedSession:
    """A session whose calls stay within a scope.

    Attributes:
        session: The client's session.
        scope: The scope.
    """

    session: AsyncSession
    scope: Scope

    async def call(self, operation: Operation[T], arguments: Mapping[str, Any]) -> T:
        """Send an operation within the scope, and return its verified result.

        Raises:
            NotFoundError: There is no such memory in the scope.
            MemoryOSError: An argument is invalid, the call failed, or the client is closed.
        """
        carry_out = _OPERATIONS.get(operation.name)
        if carry_out is None:
            message = f"A scope has no operation {operation.name}; use the client itself"
            raise NotSupportedError("NOT_SUPPORTED", message, 501)
        return cast("T", await carry_out(self, arguments))

    async def call_with_response(
        self, operation: Operation[Any], arguments: Mapping[str, Any]
    ) -> CallResult:
        """Create a memory in the scope, and return it with the response.

        Raises:
            MemoryOSError: An argument is invalid, the call failed, or the client is closed.
        """
        if operation.name != operations.create_memory.name:
            raise NotImplementedError(operation.name)
        created = self.scope.creation(arguments)
        if created.get("parent_memory_id") is not None:
            await self.get(created["parent_memory_id"])
        result = await self.session.call_with_response(operation, created)
        self._check_stored(result.data)
        await self._try_tag_filtering(result.data)
        return result

    async def create(self, arguments: Mapping[str, Any]) -> Memory:
        """Create a memory in the scope."""
        result = await self.call_with_response(operations.create_memory, arguments)
        return cast("Memory", result.data)

    async def get(self, memory_id: str) -> Memory:
        """Return a memory of the scope.

        Raises:
            NotFoundError: There is none with this id, or it belongs to another scope.
        """
        try:
            memory = await self.session.call(operations.get_memory, {"memory_id": memory_id})
        except NotFoundError as error:
            # With the same message as below, which must not reveal that a memory exists.
            raise _not_found() from error
        if not self.scope.covers(memory):
            raise _not_found()
        return memory

    async def update(self, arguments: Mapping[str, Any]) -> Memory:
        """Change a memory of the scope, which keeps the scope's tags.

        Raises:
            NotFoundError: There is none with this id, or it belongs to another scope.
        """
        operations.build_call(operations.update_memory, arguments)  # raises before anything is sent
        existing = await self.get(arguments["memory_id"])
        changed = dict(arguments)
        if arguments.get("tags") is not None:
            changed["tags"] = self.scope.with_own(arguments["tags"])
        if arguments.get("metadata") is not None:
            kept = {"tags": existing["metadata"]["tags"], **arguments["metadata"]}
            changed["metadata"] = self.scope.metadata(kept)
        updated = await self.session.call(operations.update_memory, changed)
        self._check_stored(updated)
        return updated

    async def delete(self, memory_id: str) -> Deletion:
        """Delete a memory of the scope.

        Raises:
            NotFoundError: There is none with this id, or it belongs to another scope.
        """
        await self.get(memory_id)
        return await self.session.call(operations.delete_memory, {"memory_id": memory_id})

    async def list(self, arguments: Mapping[str, Any]) -> MemoryPage:
        """Return a page of the scope's memories."""
        tags = self.scope.with_own(arguments.get("tags"))
        operations.build_call(operations.list_memories, {**arguments, "tags": tags})
        if await self._can_list_by_tags():
            page = await self.session.call(operations.list_memories, {**arguments, "tags": tags})
            if all(map(self.scope.covers, page["data"])):
                return page
        window = PageWindow(arguments.get("offset"), arguments.get("limit"))
        async for memory in self.walk(arguments):
            window.add(memory)
        return cast("MemoryPage", window.page())

    async def walk(
        self, arguments: Mapping[str, Any], page_size: int = MAX_PAGE_SIZE
    ) -> AsyncIterator[Memory]:
        """Iterate over the scope's memories, newest first.

        Args:
            arguments: The filters of `list`.
            page_size: The number of memories per request, from 2 to 100.
        """
        sent: Dict[str, Any] = {**arguments, "tags": None}
        wanted = narrowing_tags(self.scope.with_own(arguments.get("tags")))
        if await self._can_list_by_tags():
            sent["tags"] = self.scope.with_own(arguments.get("tags"))
            wanted = narrowing_tags(())
        paginator = Paginator(page_size)
        while not paginator.is_over:
            sent.update(limit=paginator.limit, offset=paginator.offset)
            page = await self.session.call(operations.list_memories, sent)
            for memory in paginator.take(page):
                if self.scope.covers(memory) and has_tags(memory, wanted):
                    yield memory

    async def search(self, arguments: Mapping[str, Any]) -> SearchResponse:
        """Search the scope's memories."""
        tags = self.scope.with_own(arguments.get("tags"))
        sent: Dict[str, Any] = {**arguments, "tags": tags}
        if not self.session.features.tag_filtering.works:
            operations.build_call(operations.search_memories, sent)
            return await self._search_widely({**sent, "tags": None}, arguments, tags)
        response = await self.session.call(operations.search_memories, sent)
        results = _results_of(response)
        if all(map(self.scope.covers, results)):
            return response
        limit = arguments.get("limit") or DEFAULT_RESULTS
        if len(results) < limit or limit == MAX_RESULTS:
            return self._verified(response, limit, None)
        return await self._search_widely(sent, arguments, None)

    async def _search_widely(
        self, sent: Mapping[str, Any], arguments: Mapping[str, Any], tags: Any
    ) -> SearchResponse:
        """Search with the greatest limit, and filter the results.

        Args:
            sent: What to search by.
            arguments: The arguments of the caller.
            tags: The tags that the results must have; None if the service filters by them.
        """
        response = await self.session.call(
            operations.search_memories, {**sent, "limit": MAX_RESULTS}
        )
        return self._verified(response, arguments.get("limit") or DEFAULT_RESULTS, tags)

    def _verified(self, response: SearchResponse, limit: int, tags: Any) -> SearchResponse:
        """Return a response with the results of the scope only."""
        results, wanted = _results_of(response), narrowing_tags(tags)
        covered = [result for result in results if self.scope.covers(result)]
        kept = [result for result in covered if has_tags(result, wanted)][:limit]
        if len(kept) < limit and len(covered) < len(results):
            self._warn(
                "The search found memories of other scopes, which were left out. There may be "
                "further memories of this scope that it didn't return"
            )
        return cast("SearchResponse", {**response, "results": kept})

    async def _can_list_by_tags(self) -> bool:
        features = self.session.features
        return features.tag_filtering.works and "filters" in await self.session.named_features()

    def _check_stored(self, memory: Mapping[str, Any]) -> None:
        """Check that the service has stored the scope's tags.

        Raises:
            InvalidResponseError: It hasn't, so that nobody would find the memory again.
        """
        if not self.scope.covers(memory):
            raise invalid_fields("the stored memory doesn't have the scope's tags in its metadata")

    async def _try_tag_filtering(self, memory: Memory) -> None:
        """After the first write, find out whether the service finds memories by their tags."""
        known = self.session.features.tag_filtering
        if known.is_tried:
            return
        known.is_tried = True
        try:
            is_found = await self._is_found(memory)
        except MemoryOSError:  # the memory is stored, and the next write tries again
            known.is_tried = False
            return
        if not is_found:
            known.works = False
            self._warn(
                "The service doesn't find a memory by the tags in its metadata. From now on the "
                "client reads all memories and filters them itself, which is slower"
            )

    async def _is_found(self, memory: Memory) -> bool:
        sent: Dict[str, Any] = {"tags": self.scope.tags, "limit": MAX_RESULTS}
        found: List[Mapping[str, Any]]
        if await self._can_list_by_tags():
            found = [*(await self.session.call(operations.list_memories, sent))["data"]]
        else:
            sent["query"] = memory["content"][:_FIRST_WRITE_QUERY_CHARACTERS]
            sent["threshold"] = 0
            response = await self.session.call(operations.search_memories, sent)
            found = [*_results_of(response)]
        return any(item.get("id") == memory["id"] for item in found)

    def _warn(self, message: str) -> None:
        """Log a warning and issue it, with the keys of the scope and not its values."""
        text = f"{message} (scope: {', '.join(self.scope.values)})"
        _logger.warning("%s", text)
        warnings.warn(text, ScopeWarning, stacklevel=2)

    # What the bulk operations use of a session.

    @property
    def clock(self) -> Clock:
        """The client's clock."""
        return self.session.clock

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]:
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

    def with_settings(self, settings: Settings) -> AsyncScopedSession:
        """Return a session of the same scope with other settings."""
        return AsyncScopedSession(self.session.with_settings(settings), self.scope)

    def with_sleep(self, sleep: Callable[[float], Awaitable[None]]) -> AsyncScopedSession:
        """Return a session of the same scope that waits with `sleep` between attempts."""
        return AsyncScopedSession(self.session.with_sleep(sleep), self.scope)


@reading("a search")
def _results_of(response: Mapping[str, Any]) -> List[Any]:
    return list(response["results"])


def _not_found() -> NotFoundError:
    return NotFoundError("NOT_FOUND", "There is no memory with this id in this scope", 404)


_OPERATIONS: Dict[
    str, Callable[[AsyncScopedSession, Mapping[str, Any]], Coroutine[Any, Any, Any]]
] = {
    "create_memory": AsyncScopedSession.create,
    "list_memories": AsyncScopedSession.list,
    "get_memory": lambda session, given: session.get(given["memory_id"]),
    "update_memory": AsyncScopedSession.update,
    "delete_memory": lambda session, given: session.delete(given["memory_id"]),
    "search_memories": AsyncScopedSession.search,
}
