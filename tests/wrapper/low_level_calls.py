"""Calls of generated functions."""

from __future__ import annotations

import h11
import httpx

from memoryos_api import models

ID = "550e8400-e29b-41d4-a716-446655440000"


BODY = models.MemoryCreate(content="tea")


async def call(api, module, low_level, **arguments):
    """Call a generated function of the client's kind, with its details."""
    if api.is_async:
        return await module.asyncio_detailed(client=low_level, **arguments)
    return module.sync_detailed(client=low_level, **arguments)


class CheckingTransport(httpx.MockTransport):
    """Checks the headers of a request, as the transport of httpx does."""

    def __init__(self):
        super().__init__(self._check)

    def _check(self, request):
        try:
            h11.Request(method="GET", target="/", headers=request.headers.raw)
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        return httpx.Response(200)


async def send(api, low_level, method, url):
    """Send a request through the httpx client of the client's kind."""
    if api.is_async:
        return await low_level.get_async_httpx_client().request(method, url)
    return low_level.get_httpx_client().request(method, url)
