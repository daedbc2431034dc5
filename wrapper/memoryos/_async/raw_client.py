"""The asynchronous client's methods again, answering with everything around the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .raw_resources import AsyncRawEntities, AsyncRawMemoryOperations, AsyncRawQueries, AsyncRawTags

if TYPE_CHECKING:
    from .session import AsyncSession


class AsyncRawMemoryOS(AsyncRawQueries):
    """What `with_raw_response` is: each method returns a `RawResponse`."""

    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)
        self.memories = AsyncRawMemoryOperations(session)
        self.tags = AsyncRawTags(session)
        self.entities = AsyncRawEntities(session)
