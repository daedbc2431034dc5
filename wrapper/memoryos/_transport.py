"""Sending one request and reading its answer: the only place that does I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Optional, Union

from ._answers import Answer
from ._exchange import Failure

if TYPE_CHECKING:
    import httpx

    from ._requests import Request

# What httpx raises besides its own: for certificates and proxies that it can't use, for a host
# that IDNA refuses, for a client that is closed.
ALSO_RAISED = (OSError, ValueError, RuntimeError, ImportError)


def outcome_of(response: httpx.Response) -> Answer:
    """Return what httpx read, as values of our own."""
    return Answer(response.status_code, _headers(response), response.content)


def failure_of(cause: Exception) -> Failure:
    """Return what it means that httpx raised `cause`."""
    import httpx

    never_sent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    return Failure(
        cause,
        timed_out=isinstance(cause, httpx.TimeoutException),
        sent=not isinstance(cause, never_sent),
    )


def _headers(response: httpx.Response) -> Dict[str, str]:
    headers: Dict[str, str] = {}
    for name, value in response.headers.items():
        headers.setdefault(name.lower(), value)
    return headers


class Transport:
    """Sends requests through httpx, made at the first one unless the caller brought a client."""

    def __init__(self, http_client: Optional[httpx.Client] = None, *, owned: bool = True) -> None:
        self._client = http_client
        self._owned = owned

    def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds for each phase of the exchange."""
        import httpx

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
            return outcome_of(self._client.send(message, follow_redirects=False))
        except (httpx.HTTPError, httpx.InvalidURL, *ALSO_RAISED) as cause:
            return failure_of(cause)

    def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._client is not None and self._owned:
            self._client.close()


class AsyncTransport:
    """Sends requests through httpx, made at the first one unless the caller brought a client."""

    def __init__(
        self, http_client: Optional[httpx.AsyncClient] = None, *, owned: bool = True
    ) -> None:
        self._client = http_client
        self._owned = owned

    async def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds for each phase of the exchange."""
        import httpx

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
            return outcome_of(await self._client.send(message, follow_redirects=False))
        except (httpx.HTTPError, httpx.InvalidURL, *ALSO_RAISED) as cause:
            return failure_of(cause)

    async def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._client is not None and self._owned:
            await self._client.aclose()
