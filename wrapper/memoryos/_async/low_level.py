"""The transport behind `low_level`: sends requests of generated functions through a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos._transport.low_level import (
    LastResponse,
    LowLevelTransportBase,
    call_of,
    httpx_response,
    policy_of,
    response_of,
)
from memoryos.exceptions import MemoryOSError

if TYPE_CHECKING:
    import httpx

    from .session import AsyncSession


class AsyncLowLevelTransport(LowLevelTransportBase):
    """Sends requests with a session's key, connections, retries, deadline and observers."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the final response, HTTP errors included.

        Raises:
            MemoryOSError: No usable response came, or the client is closed.
        """
        await request.aread()
        session = self._session
        call = call_of(request, session.settings.base_url)
        last = LastResponse()
        try:
            result = await session.send(call, policy_of(request, session.policy), observer=last)
        except MemoryOSError:
            if last.response is None or not last.is_http_error:
                raise
            return httpx_response(last.response)
        return response_of(result)
