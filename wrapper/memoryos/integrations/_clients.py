"""The clients that an integration was given: a synchronous one, an asynchronous one, or both."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Union

from memoryos import AsyncMemoryOS, AsyncScopedMemoryOS, MemoryOS, ScopedMemoryOS
from memoryos._protocol.argument_errors import shown

__all__ = ["AsyncClient", "Clients", "SyncClient"]

SyncClient = Union[MemoryOS, ScopedMemoryOS]
AsyncClient = Union[AsyncMemoryOS, AsyncScopedMemoryOS]


class Clients:
    """Scoped views on a `MemoryOS`, on an `AsyncMemoryOS`, or on both.

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
        _check("client", client, MemoryOS, ScopedMemoryOS)
        _check("async_client", async_client, AsyncMemoryOS, AsyncScopedMemoryOS)
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


def _check(argument: str, client: Any, *expected: type) -> None:
    if client is not None and not isinstance(client, expected):
        names = " or ".join(each.__name__ for each in expected)
        raise TypeError(f"{argument} must be of the class {names}; got {shown(client)}")
