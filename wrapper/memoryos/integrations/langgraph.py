"""Memory OS as the store of LangGraph graphs.

Needs the extra `langgraph`, and Python 3.10 or newer.

Example:
    >>> store = MemoryOSStore(memory)
    >>> graph = builder.compile(store=store)
"""

from __future__ import annotations

import asyncio
from typing import Iterable, List, Optional, Sequence

from memoryos._extras import missing_extra

try:
    from langgraph.store.base import BaseStore, Op, Result, TTLConfig
except ImportError as error:
    raise missing_extra("langgraph", "memoryos.integrations.langgraph", error) from error

from ._clients import AsyncClient, Clients, SyncClient
from ._langgraph_items import check_fields
from ._langgraph_steps import carry_out, carry_out_async, plan
from ._steps import run, run_async

__all__ = ["MemoryOSStore"]


class MemoryOSStore(BaseStore):
    """A LangGraph store whose items are memories.

    It keeps what `BaseStore` promises: items by namespace and key, values back as they were put,
    filters with operators, lists of namespaces, times to live. A search with a query ranks the
    items by meaning, without an embedding model of your own.

    The namespace is the scope: an item belongs to the users and agents that its namespace names,
    and a read of a namespace never returns an item of another. Begin the namespaces of users with
    something that the user can't choose, such as `("users", user_id)`. An empty namespace prefix
    reads the items of all users, as in every store.

    A value must be a JSON object of at most 64 KiB, with its namespace and key.

    Args:
        client: The client for synchronous calls, and, in a thread, for asynchronous ones where
            `async_client` is missing. Pass `memory.scoped(app="shop")` to share an account with
            other stores.
        async_client: The client for asynchronous calls.
        index_fields: The fields of a value that searches compare with their query, as paths such as
            `"text"` or `"chapters[*].title"`. Default: the whole value, as JSON.
        ttl: Defaults for times to live: `default_ttl` in minutes, and `refresh_on_read`.

    Raises:
        TypeError: There is no client, or one of another kind.
        ValidationError: `index_fields` is no list of texts.

    Example:
        >>> store = MemoryOSStore(MemoryOS(), index_fields=["text"])
        >>> store.put(("users", "alice"), "tea", {"text": "Likes green tea"})
        >>> store.search(("users", "alice"), query="What does she drink?")[0].key
        'tea'
    """

    supports_ttl = True

    def __init__(
        self,
        client: Optional[SyncClient] = None,
        *,
        async_client: Optional[AsyncClient] = None,
        index_fields: Sequence[str] = ("$",),
        ttl: Optional[TTLConfig] = None,
    ) -> None:
        super().__init__()
        self._clients = Clients(client, async_client)
        check_fields("index_fields", index_fields)
        self._index_fields = tuple(index_fields)
        self.ttl_config = ttl

    def batch(self, ops: Iterable[Op]) -> List[Result]:
        """Carry out operations, one after another: all that read, then the last put for each key.

        Raises:
            ValidationError: An operation is invalid; nothing was read or written.
            MemoryOSError: A call failed. Of a batch of puts, some may have been stored.
        """
        scoped = self._clients.scoped
        steps = plan(list(ops), self._index_fields)
        return run(steps, lambda step: carry_out(step, scoped(step.scope)))

    async def abatch(self, ops: Iterable[Op]) -> List[Result]:
        """Carry out operations as `batch` does, on the asynchronous client."""
        if not self._clients.is_async:
            return await asyncio.to_thread(self.batch, ops)
        scoped = self._clients.async_scoped
        steps = plan(list(ops), self._index_fields)
        return await run_async(steps, lambda step: carry_out_async(step, scoped(step.scope)))
