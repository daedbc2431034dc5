"""Sending through httpx: for a caller's own client, for proxies, and inside this process.

httpx bounds each phase of an attempt by the timeout, not the attempt as a whole; between the parts
of a body the whole is looked at too.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Dict, Optional, Union

from memoryos._protocol.responses import HTTPResponse
from memoryos._protocol.retries import Failure
from memoryos._transport.httpx_adapter import (
    ACCEPTED,
    ALSO_RAISED,
    ExecutionContext,
    abandon,
    failure_of,
    headers_of,
)
from memoryos._transport.response_body import BodyReader
from memoryos._transport.tracebacks import clear_frames, current_exception

if TYPE_CHECKING:
    import ssl

    import httpx

    from memoryos._protocol.requests import Request


class AsyncHttpxTransport:
    """Sends requests through an httpx client: the caller's, or one of its own.

    Args:
        http_client: The caller's client. Default: clients of its own, one for each process and
            event loop that it is used in, since what httpx has open stays there.
        owned: Whether `close` closes the caller's client.
        ssl_context: How a client of its own verifies the service. Default: as httpx does.
    """

    def __init__(
        self,
        http_client: Optional[httpx.AsyncClient],
        *,
        owned: bool,
        ssl_context: Optional[ssl.SSLContext] = None,
    ) -> None:
        self._given = http_client
        self._owned = owned
        self._ssl_context = ssl_context
        self._own: Dict[ExecutionContext, httpx.AsyncClient] = {}

    async def send(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        """Send `request`, and wait at most `timeout` seconds for each phase of the exchange."""
        import httpx

        outer = current_exception()
        try:
            return await self._exchange(request, timeout)
        except (httpx.HTTPError, httpx.InvalidURL, *ALSO_RAISED) as cause:
            return failure_of(clear_frames(cause, outer))
        except BaseException as interruption:
            clear_frames(interruption, outer)
            raise

    async def _exchange(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        ends = time.monotonic() + timeout
        client = self._given or self._client_of_its_own()
        message = client.build_request(
            request.method,
            request.url,
            headers=[*request.headers, ACCEPTED],
            content=request.content,
            timeout=timeout,
        )
        response = await client.send(message, follow_redirects=False, stream=True)
        try:
            headers = headers_of(response)
            if response.is_stream_consumed:  # it never came over a network
                return HTTPResponse(response.status_code, headers, response.content)
            body = BodyReader(headers)
            # As it came: httpx would decode it without a limit.
            async for part in response.aiter_raw():
                if not body.feed(part):
                    break
                if time.monotonic() > ends:
                    return Failure(TimeoutError("the answer drips"), timed_out=True)
        finally:
            await response.aclose()
        return HTTPResponse(response.status_code, headers, body.content(), body.defect)

    def _client_of_its_own(self) -> httpx.AsyncClient:
        """Return the client of this process and event loop, after leaving those that ended."""
        here = ExecutionContext.here()
        found = self._own.get(here)
        if found is None:
            import httpx

            for where in [where for where in list(self._own) if where.is_over()]:
                abandon(self._own.pop(where, None))
            verify = True if self._ssl_context is None else self._ssl_context
            # `setdefault` is atomic: threads that come here at once get the same one.
            found = self._own.setdefault(here, httpx.AsyncClient(verify=verify))
        return found

    @property
    def is_open(self) -> bool:
        """Return whether a client of the SDK's own is open."""
        clients = [*self._own.values(), *([self._given] if self._owned and self._given else [])]
        return any(not client.is_closed for client in clients)

    def abort(self) -> None:
        """Close the clients of the SDK's own, where that needs no event loop."""
        if self._owned:
            abandon(self._given)
        for client in list(self._own.values()):
            abandon(client)

    async def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._given is not None and self._owned:
            await self._given.aclose()
        for where, client in list(self._own.items()):
            if where == ExecutionContext.here():
                await client.aclose()
            else:
                abandon(client)
        self._own.clear()
