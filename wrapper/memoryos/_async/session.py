"""What a client and its resources share: settings, connections, and the loop that does the I/O."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, Optional, TypeVar, cast

from memoryos._protocol.observers import observers_of, watch
from memoryos._protocol.raw_response import RawResponse, raw_response
from memoryos._protocol.requests import prepare, with_headers
from memoryos._protocol.retries import Call, Clock, Finished, Policy, exchange, run_async
from memoryos._protocol.settings import portable_settings
from memoryos.exceptions import APIConnectionError

if TYPE_CHECKING:
    from memoryos._protocol.operations import Operation
    from memoryos._protocol.settings import Settings

    from .transport import AsyncTransport

T = TypeVar("T")


@dataclass(eq=False, repr=False)
class AsyncSession:
    """Carries out operations until it is closed."""

    settings: Settings
    transport: AsyncTransport
    policy: Policy
    clock: Clock = field(default_factory=Clock)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    parent: Optional[AsyncSession] = None
    closed: bool = False

    async def call(self, operation: Operation[T]) -> T:
        """Carry out one operation, and return what it hands out.

        Raises:
            MemoryOSError: The call failed for good, or the client is closed.
        """
        return cast("T", (await self._perform(operation)).data)

    async def call_raw(self, operation: Operation[T]) -> RawResponse[T, Any]:
        """Carry out one operation, and return what it hands out with everything around it.

        Raises:
            MemoryOSError: The call failed for good, or the client is closed.
        """
        started = self.clock.monotonic()
        finished = await self._perform(operation)
        elapsed = self.clock.monotonic() - started
        return raw_response(finished, elapsed, operation.model, operation.expected)

    async def _perform(self, operation: Operation[Any]) -> Finished:
        if self.is_closed:
            raise APIConnectionError(
                "CLIENT_CLOSED",
                "This client is closed, so nothing was sent; make a new one",
                503,
                method=operation.method,
                path=operation.path,
            )
        request = prepare(operation, self.settings)
        base_url = self.settings.base_url
        call = Call(operation.method, operation.path, base_url, operation.expected)
        steps = exchange(call, self.policy, self.clock)
        observers = observers_of(operation, base_url)
        if observers:
            steps = watch(steps, observers)
            request = with_headers(request, observers)
        return await run_async(
            steps, lambda timeout: self.transport.send(request, timeout), self.sleep
        )

    @property
    def is_closed(self) -> bool:
        """Return whether it, or the session that it shares connections with, is closed."""
        return self.closed or (self.parent is not None and self.parent.is_closed)

    def with_settings(self, settings: Settings) -> AsyncSession:
        """Return a session with other settings, on the same connections."""
        policy = Policy(settings.timeout, settings.max_retries, settings.deadline)
        return AsyncSession(
            settings, self.transport, policy, self.clock, self.sleep, self.parent or self
        )

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
        return portable_settings(self.settings)

    async def close(self) -> None:
        """Close the connections, unless another session owns them; a second time does nothing."""
        if not self.closed:
            self.closed = True
            if self.parent is None:
                await self.transport.close()

    def __del__(self) -> None:
        if self.parent is None and not self.closed and self.transport.is_open:
            message = f"unclosed client of {self.settings.base_url}; call close(), or use `with`"
            self.transport.abort()
            warnings.warn(message, ResourceWarning, source=self, stacklevel=2)
