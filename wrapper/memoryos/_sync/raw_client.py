# Written by tools/sync_from_async.py from _async/raw_client.py: edit that file.
"""The synchronous client's methods again, answering with everything around the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .raw_resources import RawEntities, RawMemoryOperations, RawQueries, RawTags

if TYPE_CHECKING:
    from .session import Session


class RawMemoryOS(RawQueries):
    """What `with_raw_response` is: each method returns a `RawResponse`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.memories = RawMemoryOperations(session)
        self.tags = RawTags(session)
        self.entities = RawEntities(session)
