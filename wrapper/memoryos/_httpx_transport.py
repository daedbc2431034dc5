"""Sending through httpx: for a caller's own client, for proxies, and inside this process.

httpx bounds each phase of an attempt by the timeout, not the attempt as a whole; between the parts
of a body the whole is looked at too.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Dict, Optional, Union

from ._answers import Answer
from ._body import BodyReader
from ._exchange import Failure

if TYPE_CHECKING:
    import httpx

    from ._requests import Request


# What httpx raises besides its own: for certificates and proxies that it can't use, for a host
# that IDNA refuses, for a client that is closed.
ALSO_RAISED = (OSError, ValueError, RuntimeError, ImportError)


class HttpxTransport:
    """Sends requests through an httpx client: the caller's, or one of its own."""

    def __init__(self, http_client: Optional[httpx.Client], *, owned: bool) -> None:
        self._client = http_client
        self._owned = owned

    def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds for each phase of the exchange."""
        import httpx

        ends = time.monotonic() + timeout
        try:
            if self._client is None:
                self._client = httpx.Client()
            message = self._client.build_request(
                request.method,
                request.url,
                headers=list(request.headers),
                content=request.content,
                timeout=timeout,
            )
            response = self._client.send(message, follow_redirects=False, stream=True)
            try:
                headers = _headers(response)
                body = BodyReader(_decoded(headers))
                for part in response.iter_bytes():
                    if not body.feed(part):
                        break
                    if time.monotonic() > ends:
                        return Failure(TimeoutError("the answer drips"), timed_out=True)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, *ALSO_RAISED) as cause:
            return failure_of(cause)
        return Answer(response.status_code, headers, body.content(), body.defect)

    @property
    def is_open(self) -> bool:
        """Return whether a client of the SDK's own is open."""
        return self._owned and self._client is not None and not self._client.is_closed

    def abort(self) -> None:
        """The same as `close`, which never waits."""
        self.close()

    def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._client is not None and self._owned:
            self._client.close()


class AsyncHttpxTransport:
    """Sends requests through an httpx client: the caller's, or one of its own."""

    def __init__(self, http_client: Optional[httpx.AsyncClient], *, owned: bool) -> None:
        self._client = http_client
        self._owned = owned

    async def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds for each phase of the exchange."""
        import httpx

        ends = time.monotonic() + timeout
        try:
            if self._client is None:
                self._client = httpx.AsyncClient()
            message = self._client.build_request(
                request.method,
                request.url,
                headers=list(request.headers),
                content=request.content,
                timeout=timeout,
            )
            response = await self._client.send(message, follow_redirects=False, stream=True)
            try:
                headers = _headers(response)
                body = BodyReader(_decoded(headers))
                async for part in response.aiter_bytes():
                    if not body.feed(part):
                        break
                    if time.monotonic() > ends:
                        return Failure(TimeoutError("the answer drips"), timed_out=True)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, *ALSO_RAISED) as cause:
            return failure_of(cause)
        return Answer(response.status_code, headers, body.content(), body.defect)

    @property
    def is_open(self) -> bool:
        """Return whether a client of the SDK's own is open."""
        return self._owned and self._client is not None and not self._client.is_closed

    def abort(self) -> None:
        """Let go of the client: it can't be closed without an event loop."""
        if self._owned:
            self._client = None

    async def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._client is not None and self._owned:
            await self._client.aclose()


def failure_of(cause: Exception) -> Failure:
    """Return what it means that httpx raised `cause`."""
    import httpx

    never_sent = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
        httpx.InvalidURL,
    )
    return Failure(
        cause,
        timed_out=isinstance(cause, httpx.TimeoutException),
        sent=not isinstance(cause, never_sent),
    )


def _headers(response: httpx.Response) -> Dict[str, str]:
    headers: Dict[str, str] = {}
    for name, value in response.headers.multi_items():
        headers.setdefault(name, value)
    return headers


def _decoded(headers: Dict[str, str]) -> Dict[str, str]:
    """Return the headers of what httpx hands out, which it has decoded already."""
    encoded = ("content-encoding", "content-length")
    return {name: value for name, value in headers.items() if name not in encoded}
