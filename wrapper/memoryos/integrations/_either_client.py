"""Calls of a client in a framework's asynchronous hooks, whichever client was given."""

from __future__ import annotations

import asyncio
from inspect import iscoroutinefunction
from typing import Any, Callable

__all__ = ["call"]


async def call(method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a method of a client: an asynchronous one here, a synchronous one in a thread.

    Example:
        >>> await call(client.scoped(user="alice").search, "tea", limit=5)
    """
    if iscoroutinefunction(method):
        return await method(*arguments, **options)
    return await asyncio.to_thread(method, *arguments, **options)
