"""Calls of a client in a framework's asynchronous hooks, whichever client was given."""

from __future__ import annotations

import asyncio
from inspect import iscoroutinefunction
from typing import Any, Callable, List, Union

from memoryos import AsyncMemoryOS, AsyncScopedMemoryOS, MemoryOS, ScopedMemoryOS
from memoryos._protocol.argument_errors import shown

__all__ = ["Client", "call", "check_client", "collect"]

Client = Union[MemoryOS, AsyncMemoryOS, ScopedMemoryOS, AsyncScopedMemoryOS]


def check_client(client: Any) -> None:
    """Check that an integration was given a client, or a view of one from `scoped`.

    Raises:
        TypeError: It was given something else.
    """
    if not isinstance(client, (MemoryOS, AsyncMemoryOS, ScopedMemoryOS, AsyncScopedMemoryOS)):
        raise TypeError(f"client must be a MemoryOS or an AsyncMemoryOS; got {shown(client)}")


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
