"""Which transport sends a client's requests: chosen at the first one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Mapping, Optional, Union

if TYPE_CHECKING:
    import ssl

    import httpx

    from ._answers import Answer
    from ._async_connections import AsyncDirectTransport
    from ._connections import DirectTransport
    from ._exchange import Failure
    from ._httpx_transport import AsyncHttpxTransport, HttpxTransport
    from ._requests import Request


class Transport:
    """Sends requests: over connections of its own, or through httpx where that is needed.

    httpx is needed for a caller's own client and for proxies, which the environment names.

    Args:
        base_url: The address that all requests go to.
        http_client: The httpx client to send through.
        owned: Whether `close` closes that client.
        ssl_context: How to verify the service. Default: by the system's or certifi's roots.
    """

    def __init__(
        self,
        base_url: str,
        http_client: Optional[httpx.Client] = None,
        *,
        owned: bool = False,
        ssl_context: Optional[ssl.SSLContext] = None,
    ) -> None:
        self._base_url = base_url
        self._http_client = http_client
        self._owned = owned
        self._ssl_context = ssl_context
        self._chosen: Union[DirectTransport, HttpxTransport, None] = None

    def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds."""
        return (self._chosen or self._choose()).send(request, timeout)

    def _choose(self) -> Union[DirectTransport, HttpxTransport]:
        chosen: Union[DirectTransport, HttpxTransport]
        if self._http_client is not None or names_a_proxy(os.environ):
            from ._httpx_transport import HttpxTransport

            owned = self._owned or self._http_client is None
            chosen = HttpxTransport(self._http_client, owned=owned)
        else:
            from ._connections import DirectTransport

            chosen = DirectTransport(self._base_url, _context(self._base_url, self._ssl_context))
        self._chosen = chosen
        return chosen

    @property
    def is_bound(self) -> bool:
        """Return whether it depends on objects of the caller's, which can't be made again."""
        return self._http_client is not None or self._ssl_context is not None

    @property
    def is_open(self) -> bool:
        """Return whether connections of the SDK's own are open."""
        return self._chosen is not None and self._chosen.is_open

    def abort(self) -> None:
        """Close the SDK's own connections, as far as that needs no waiting."""
        if self._chosen is not None:
            self._chosen.abort()

    def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._chosen is not None or self._owned:
            (self._chosen or self._choose()).close()


class AsyncTransport:
    """Sends requests: over connections of its own, or through httpx where that is needed.

    Args: as for `Transport`.
    """

    def __init__(
        self,
        base_url: str,
        http_client: Optional[httpx.AsyncClient] = None,
        *,
        owned: bool = False,
        ssl_context: Optional[ssl.SSLContext] = None,
    ) -> None:
        self._base_url = base_url
        self._http_client = http_client
        self._owned = owned
        self._ssl_context = ssl_context
        self._chosen: Union[AsyncDirectTransport, AsyncHttpxTransport, None] = None

    async def send(self, request: Request, timeout: float) -> Union[Answer, Failure]:
        """Send `request`, and wait at most `timeout` seconds."""
        return await (self._chosen or self._choose()).send(request, timeout)

    def _choose(self) -> Union[AsyncDirectTransport, AsyncHttpxTransport]:
        chosen: Union[AsyncDirectTransport, AsyncHttpxTransport]
        if self._http_client is not None or names_a_proxy(os.environ):
            from ._httpx_transport import AsyncHttpxTransport

            owned = self._owned or self._http_client is None
            chosen = AsyncHttpxTransport(self._http_client, owned=owned)
        else:
            from ._async_connections import AsyncDirectTransport

            context = _context(self._base_url, self._ssl_context)
            chosen = AsyncDirectTransport(self._base_url, context)
        self._chosen = chosen
        return chosen

    @property
    def is_bound(self) -> bool:
        """Return whether it depends on objects of the caller's, which can't be made again."""
        return self._http_client is not None or self._ssl_context is not None

    @property
    def is_open(self) -> bool:
        """Return whether connections of the SDK's own are open."""
        return self._chosen is not None and self._chosen.is_open

    def abort(self) -> None:
        """Close the SDK's own connections, as far as that needs no waiting."""
        if self._chosen is not None:
            self._chosen.abort()

    async def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._chosen is not None or self._owned:
            await (self._chosen or self._choose()).close()


def names_a_proxy(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Return whether the environment, or the system's settings, name a proxy.

    Whether it is for this address is httpx's to decide, which knows `NO_PROXY` and its forms.
    """
    named = any(
        value and name.lower() in ("http_proxy", "https_proxy", "all_proxy")
        for name, value in environ.items()
    )
    if named or platform not in ("darwin", "win32"):
        return named
    from urllib.request import getproxies

    return bool(getproxies())


def _context(base_url: str, given: Optional[ssl.SSLContext]) -> Optional[ssl.SSLContext]:
    if given is not None or not base_url.startswith("https:"):
        return given
    from ._tls import default_context

    return default_context(os.environ)
