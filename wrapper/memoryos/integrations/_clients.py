"""The clients that an integration was given, and their calls in asynchronous hooks."""

from __future__ import annotations

import asyncio
from inspect import iscoroutinefunction
from typing import Any, Callable, List, Mapping, Optional, Tuple, Union

from memoryos import AsyncMemoryOS, AsyncScopedMemoryOS, MemoryOS, ScopedMemoryOS
from memoryos._protocol.argument_errors import shown

__all__ = ["ASYNC", "SYNC", "WRITE_DEADLINE"]
__all__ += ["AsyncClient", "Client", "Clients", "SyncClient", "call", "check_client", "collect"]

SyncClient = Union[MemoryOS, ScopedMemoryOS]
AsyncClient = Union[AsyncMemoryOS, AsyncScopedMemoryOS]
Client = Union[SyncClient, AsyncClient]
SYNC: Tuple[type, ...] = (MemoryOS, ScopedMemoryOS)
ASYNC: Tuple[type, ...] = (AsyncMemoryOS, AsyncScopedMemoryOS)

WRITE_DEADLINE = 10.0
"""The maximum duration of a call that stores, in seconds, with all attempts: a run waits for it."""


class Clients:
    """Scoped views on a synchronous client, on an asynchronous one, or on both.

    Args:
        client: A `MemoryOS`, or a view from its `scoped`.
        async_client: An `AsyncMemoryOS`, or a view from its `scoped`.

    Raises:
        TypeError: Neither was given, or one is no such client.
    """

    def __init__(
        self, client: Optional[SyncClient] = None, async_client: Optional[AsyncClient] = None
    ) -> None:
        if client is None and async_client is None:
            raise TypeError("pass a MemoryOS as client, an AsyncMemoryOS as async_client, or both")
        if client is not None:
            check_client(client, SYNC)
        if async_client is not None:
            check_client(async_client, ASYNC, "async_client")
        self._client = client
        self._async_client = async_client
        self._preferred: Any = client if async_client is None else async_client

    @property
    def is_async(self) -> bool:
        """Whether there is an asynchronous client."""
        return self._async_client is not None

    def scoped(self, scope: Mapping[str, str]) -> Any:
        """Return the synchronous client's view of a scope.

        Raises:
            TypeError: There is only an asynchronous client.
        """
        if self._client is None:
            raise TypeError(
                "this synchronous call needs a synchronous client: pass a MemoryOS as client, "
                "or call the asynchronous method"
            )
        return self._client.scoped(**scope)

    def async_scoped(self, scope: Mapping[str, str]) -> Any:
        """Return the view of a scope for asynchronous callers.

        Without an asynchronous client it is the synchronous one's, whose methods `call` runs in a
        thread.
        """
        return self._preferred.scoped(**scope)


def check_client(
    client: Any, kinds: Tuple[type, ...] = SYNC + ASYNC, argument: str = "client"
) -> None:
    """Check that an integration was given a client, or a view of one from `scoped`.

    Raises:
        TypeError: It was given something else.
    """
    if not isinstance(client, kinds):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{argument} must be of the class {names}; got {shown(client)}")


async def call(method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a method of a client: an asynchronous one here, a synchronous one in a thread.

    Example:
        >>> await call(client.scoped(user="alice").search, "tea", limit=5)
    """
    if iscoroutinefunction(method):
        return await method(*arguments, **options)
    return await asyncio.to_thread(method, *arguments, **options)


async def collect(method: Callable[..., Any], *arguments: Any, **options: Any) -> List[Any]:
    """Return all items that an iteration of a client yields, such as `memories.iterate`."""
    items = method(*arguments, **options)
    if hasattr(items, "__aiter__"):
        return [item async for item in items]
    return await asyncio.to_thread(list, items)
