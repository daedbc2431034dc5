"""Sending through httpx: for a caller's own client, and for proxies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Dict, Optional, Union

from memoryos._imports import importing
from memoryos._protocol.responses import HTTPResponse
from memoryos._transport.httpx_adapter import (
    ACCEPTED,
    ExecutionContext,
    abandon,
    failure_of,
    headers_of,
    is_failure,
    proxy_rejection,
    proxy_url,
)
from memoryos._transport.response_body import BodyReader
from memoryos._transport.tracebacks import clear_frames, current_exception

from .guard import (
    AsyncGuard,
    close_with_loop,  # async only
)

if TYPE_CHECKING:
    import ssl
    from typing import AsyncGenerator  # async only

    import httpx

    from memoryos._protocol.requests import Request
    from memoryos._protocol.retries import Failure
    from memoryos._transport.proxies import Proxy


class AsyncHttpxTransport:
    """Sends requests through an httpx client: the caller's, or one of its own.

    Args:
        http_client: The caller's client. Default: clients of its own, one for each process and
            event loop that it is used in, since what httpx has open stays there.
        ssl_context: How a client of its own verifies the service. Default: as httpx does.
        proxy: The proxy of a client of its own.
    """

    def __init__(
        self,
        http_client: Optional[httpx.AsyncClient],
        *,
        ssl_context: Optional[ssl.SSLContext] = None,
        proxy: Optional[Proxy] = None,
    ) -> None:
        self._given = http_client
        self._ssl_context = ssl_context
        self._proxy = proxy
        self._note = "" if proxy is None else f" (through {proxy.description})"
        self._own: Dict[ExecutionContext, httpx.AsyncClient] = {}
        self._closers: Dict[ExecutionContext, AsyncGenerator[None, None]] = {}  # async only

    async def send(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        """Send `request`, and wait at most `timeout` seconds for its whole response."""
        outer = current_exception()
        guard = AsyncGuard(timeout)
        exchange = partial(self._exchange, request, guard)
        try:
            response = await guard.run(exchange)
        except Exception as cause:
            clear_frames(cause, outer)
            if not is_failure(cause):
                raise
            return failure_of(cause, was_sent=guard.attempt.may_have_sent, note=self._note)
        except BaseException as interruption:
            clear_frames(interruption, outer)
            raise
        rejection = None if self._proxy is None else proxy_rejection(response, self._note)
        return response if rejection is None else rejection

    async def _exchange(self, request: Request, guard: AsyncGuard) -> HTTPResponse:
        client = self._given or await self._client_of_its_own()
        message = client.build_request(
            request.method,
            request.url,
            headers=[*request.headers, ACCEPTED],
            content=request.content,
            extensions=guard.extensions(),
        )
        response = await client.send(message, follow_redirects=False, stream=True)
        try:
            await guard.adopt(response.extensions)
            headers = headers_of(response)
            body = BodyReader(headers)
            if response.is_stream_consumed:  # it never came over a network, or a hook has read it
                return HTTPResponse(response.status_code, headers, response.content, body.defect)
            # As it came: httpx would decode it without a limit.
            async for part in response.aiter_raw():
                for _ in body.steps(part):
                    await guard.pause()
                if body.defect is not None:
                    break
                await guard.pause()
        finally:
            await response.aclose()
        await guard.close_unseen()
        return HTTPResponse(response.status_code, headers, body.content(), body.defect)

    async def _client_of_its_own(self) -> httpx.AsyncClient:
        """Return the client of this process and event loop, after leaving those that ended."""
        here = ExecutionContext.here()
        found = self._own.get(here)
        if found is None or found.is_closed:
            for where in [where for where in list(self._own) if where.is_over()]:
                abandon(self._own.pop(where, None), where)
                self._closers.pop(where, None)  # async only
            if found is not None:
                self._own.pop(here, None)
                self._closers.pop(here, None)  # async only
            # `setdefault` is atomic: threads that come here at once get the same one.
            with importing():
                found = self._own.setdefault(here, self._new_client())
            if here not in self._closers:  # async only
                self._closers[here] = await close_with_loop(found)  # async only
        return found

    def _new_client(self) -> httpx.AsyncClient:
        import httpx

        # The SDK has read the environment already. `HTTPTransport` takes a proxy in all versions.
        transport = httpx.AsyncHTTPTransport(
            verify=True if self._ssl_context is None else self._ssl_context,
            trust_env=False,
            proxy=None if self._proxy is None else httpx.Proxy(proxy_url(self._proxy.url)),
        )
        return httpx.AsyncClient(transport=transport, trust_env=False)

    @property
    def is_open(self) -> bool:
        """Return whether a client of the SDK's own is open."""
        return any(not client.is_closed for client in self._own.values())

    def abort(self) -> None:
        """Close the clients of the SDK's own, where that needs no event loop."""
        for where, client in list(self._own.items()):
            abandon(client)
            if client.is_closed:  # a call that follows after all opens another one
                self._own.pop(where, None)

    async def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        for where, client in list(self._own.items()):
            if where == ExecutionContext.here():
                await client.aclose()
            else:
                abandon(client, where)
        self._own.clear()
        self._closers.clear()  # async only
