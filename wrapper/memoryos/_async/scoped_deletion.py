"""Delete all memories of a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, Optional, Set

from memoryos._imports import importing
from memoryos._protocol import operations
from memoryos._protocol.pagination import Paginator
from memoryos.exceptions import MemoryOSError, NotFoundError

from .concurrency import in_order

if TYPE_CHECKING:
    from memoryos._protocol.scopes import ScopeDeletion

    from .scoped_session import AsyncScopedSession
    from .session import AsyncSession

CONCURRENCY = 8
"""Number of concurrent calls."""


class AsyncDeletionRun:
    """Deletes all memories of a scope.

    Args:
        scoped: The session of the scope.
        on_progress: Called with the number of memories deleted so far and the number found.
    """

    def __init__(
        self, scoped: AsyncScopedSession, on_progress: Optional[Callable[[int, int], object]]
    ) -> None:
        self._scoped = scoped
        self._on_progress = on_progress
        self._found: Set[str] = set()
        self._deleted = 0

    async def run(self) -> ScopeDeletion:
        """Delete them, those that are created meanwhile too.

        Raises:
            MemoryOSError: A call failed. `details` contains the number of memories `deleted`.
        """
        try:
            new = await self._new()
            while new:
                await self._delete(new)
                new = await self._new()
        except MemoryOSError as error:
            error.details["deleted"] = self._deleted
            raise
        return {"deleted": self._deleted, "tags_may_remain": await self._may_have_tags()}

    async def _new(self) -> List[str]:
        """Return the ids of the scope's memories that were not found before."""
        ids = [memory["id"] async for memory in self._scoped.walk({})]
        new = [one for one in ids if one not in self._found]
        self._found.update(new)
        return new

    async def _delete(self, ids: List[str]) -> None:
        with importing():
            from memoryos._bulk.create_order import JobOrder, Turn
        order: JobOrder[str] = JobOrder(CONCURRENCY)
        results = in_order(self._scoped.session, _delete, order, ids, lambda _, one: Turn(one, ()))
        try:
            async for is_deleted in results:
                self._deleted += is_deleted
                if self._on_progress is not None:
                    self._on_progress(self._deleted, len(self._found))
        finally:
            await results.aclose()

    async def _may_have_tags(self) -> bool:
        """Return whether the service may keep tags without memories.

        A service that no longer lists one of the scope's tags removes unused tags, and so has
        removed the others, too. If other scopes use all of them, that can't be seen.
        """
        try:
            for tag in self._scoped.scope.tags:
                if not await self._is_listed(tag):
                    return False
        except MemoryOSError:  # such as a key without the permission to list tags
            pass
        return True

    async def _is_listed(self, tag: str) -> bool:
        """Return whether the service lists a tag, among those that contain its name."""
        paginator = Paginator()
        while not paginator.is_over:
            place = {"limit": paginator.limit, "offset": paginator.offset}
            page: Any = await self._scoped.session.call(
                operations.list_tags, {"search": tag, **place}
            )
            if any(one.get("name") == tag for one in paginator.take(page)):
                return True
        return False


async def _delete(session: AsyncSession, memory_id: str) -> bool:
    """Delete a memory, and return whether it was there."""
    try:
        await session.call(operations.delete_memory, {"memory_id": memory_id})
    except NotFoundError:
        return False
    return True
