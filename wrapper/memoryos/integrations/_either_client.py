"""Calls of a client in a framework's asynchronous hooks, whichever client was given."""

from __future__ import annotations

import asyncio
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Callable, List, Union

if TYPE_CHECKING:
    from memoryos import AsyncMemoryOS, MemoryOS

    Client = Union[MemoryOS, AsyncMemoryOS]

__all__ = ["call", "collect"]


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
