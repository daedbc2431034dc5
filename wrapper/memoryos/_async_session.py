"""What a client and its resources share: settings, connections, and the loop that does the I/O."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Awaitable, Callable, TypeVar, cast

from ._exchange import Call, Clock, Policy, exchange, run_async
from ._requests import prepare
from .exceptions import APIConnectionError

if TYPE_CHECKING:
    from ._config import Settings
    from ._operations import Operation
    from ._transport import AsyncTransport

T = TypeVar("T")


@dataclass
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
        call = Call(
            operation.method, operation.path, self.settings.base_url, keep_meta=operation.is_page
        )
        steps = exchange(call, self.policy, self.clock)
        answer = await run_async(
            steps, lambda timeout: self.transport.send(request, timeout), self.sleep
        )
        return cast("T", answer)

    async def close(self) -> None:
        """Close the connections; a second time does nothing."""
        if not self.closed:
            self.closed = True
            await self.transport.close()
