"""What a client and its resources share: settings, connections, and the loop that does the I/O."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, TypeVar, cast

from . import _config
from ._exchange import Call, Clock, Policy, exchange, run_async
from ._requests import prepare
from .exceptions import APIConnectionError

if TYPE_CHECKING:
    from ._async_transport import AsyncTransport
    from ._config import Settings
    from ._operations import Operation

T = TypeVar("T")


@dataclass(eq=False, repr=False)
class AsyncSession:
    """Carries out operations until it is closed."""

    settings: Settings
    transport: AsyncTransport
    policy: Policy
    clock: Clock = field(default_factory=Clock)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    closed: bool = False

    async def call(self, operation: Operation[T]) -> T:
        """Carry out one operation, and return what it hands out.

        Raises:
            MemoryOSError: The call failed for good, or the client is closed.
        """
        if self.closed:
            raise APIConnectionError(
                "CLIENT_CLOSED",
                "This client is closed, so nothing was sent; make a new one",
                503,
                method=operation.method,
                path=operation.path,
            )
        request = prepare(operation, self.settings)
        call = Call(operation.method, operation.path, self.settings.base_url, operation.expected)
        steps = exchange(call, self.policy, self.clock)
        answer = await run_async(
            steps, lambda timeout: self.transport.send(request, timeout), self.sleep
        )
        return cast("T", answer)

    def portable_settings(self) -> Dict[str, Any]:
        """Return the constructor's arguments without the key, for a pickle.

        Raises:
            TypeError: The client sends through something that can't travel.
        """
        if self.transport.is_bound:
            raise TypeError(
                "This client can't be pickled: it has an http_client or ssl_context, or is local. "
                "Make another one where it is needed."
            )
        return _config.portable(self.settings)

    async def close(self) -> None:
        """Close the connections; a second time does nothing."""
        if not self.closed:
            self.closed = True
            await self.transport.close()

    def __del__(self) -> None:
        if not self.closed and self.transport.is_open:
            message = f"unclosed client of {self.settings.base_url}; call close(), or use `with`"
            self.transport.abort()
            warnings.warn(message, ResourceWarning, source=self, stacklevel=2)
