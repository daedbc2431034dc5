# Written by tools/sync_from_async.py from _async/transport.py: edit that file.
"""Which transport sends a client's requests: chosen at the first one."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Dict, Optional, Union

from memoryos._imports import import_modules, importing
from memoryos._protocol import json_steps
from memoryos._protocol.observers import logger
from memoryos._protocol.responses import HTTPResponse
from memoryos._protocol.retries import Failure
from memoryos._transport.failures import AttemptTimeoutError
from memoryos._transport.http_client import check_client
from memoryos._transport.http_mocks import is_httpx_mocked
from memoryos._transport.proxies import ProxyError, check_usable, proxy_for
from memoryos._transport.tracebacks import clear_frames, current_exception

if TYPE_CHECKING:
    import ssl

    import httpx

    from memoryos._protocol.requests import Request

    from .connections import DirectTransport
    from .httpx_transport import HttpxTransport
    from .in_process import InProcessTransport, LocalMemoryOS

    _AnyTransport = Union[DirectTransport, HttpxTransport, InProcessTransport]


_CHOSEN = "chosen"
_MOCKED = "mocked"  # while a test intercepts httpx


class Transport:
    """Sends requests: over connections of its own, or through httpx where that is needed.

    httpx is needed for a caller's own client, for proxies, which the environment names, and while a
    library for tests intercepts httpx. A local Memory OS needs neither.

    Args:
        base_url: The address that all requests go to.
        http_client: The httpx client to send through.
        ssl_context: How to verify the service. Default: by the system's or certifi's roots.
        local: The local Memory OS to send to instead, which `close` closes.

    Raises:
        TypeError: `http_client` is something else than an httpx client of this kind.
    """

    def __init__(
        self,
        base_url: str,
        http_client: Optional[httpx.Client] = None,
        *,
        ssl_context: Optional[ssl.SSLContext] = None,
        local: Optional[LocalMemoryOS] = None,
    ) -> None:
        check_client(http_client, "Client", "MemoryOS")
        self._base_url = base_url
        self._http_client = http_client
        self._ssl_context = ssl_context
        self._local = local
        self._made: Dict[str, _AnyTransport] = {}

    def send(self, request: Request, timeout: float) -> Union[HTTPResponse, Failure]:
        """Send `request`, and wait at most `timeout` seconds."""
        deadline = time.monotonic() + timeout
        may_be_mocked = self._http_client is None and self._local is None
        key = _MOCKED if may_be_mocked and is_httpx_mocked() else _CHOSEN
        chosen = self._made.get(key)
        if chosen is None:
            outer = current_exception()
            try:
                chosen = self._choose(key)
            except (OSError, ProxyError) as cause:  # roots can't be read, or a proxy can't be used
                return Failure(clear_frames(cause, outer), sent=False, permanent=True)
        outcome = chosen.send(request, timeout)
        if isinstance(outcome, HTTPResponse) and len(outcome.content) >= json_steps.MIN_BYTES:
            return self._decoded(outcome, deadline)
        return outcome

    def _decoded(self, response: HTTPResponse, deadline: float) -> Union[HTTPResponse, Failure]:
        """Decode a large response in steps, between which the event loop gets a turn."""
        for _ in response.decode():
            if time.monotonic() > deadline:
                cause = AttemptTimeoutError("the time for the attempt is over")
                return Failure(cause, timed_out=True)
        return response

    def _choose(self, key: str) -> _AnyTransport:
        # Threads may come here at once, and get the same one: `setdefault` is atomic. A lock would
        # be held for ever in a process that is forked meanwhile; making one too many opens nothing.
        with importing():
            return self._made.get(key) or self._made.setdefault(key, self._suitable(key))

    def _suitable(self, key: str) -> _AnyTransport:
        if self._local is not None:
            from .in_process import InProcessTransport

            return InProcessTransport(self._local)
        if self._http_client is not None:
            self._import_for_httpx()
            from .httpx_transport import HttpxTransport

            return HttpxTransport(self._http_client)
        from memoryos._transport.tls import context_for

        context = context_for(self._base_url, self._ssl_context, os.environ)
        proxy = proxy_for(self._base_url, os.environ)
        if proxy is not None:
            check_usable(proxy)
        if key == _MOCKED or proxy is not None:
            self._import_for_httpx("httpx", "httpcore")
            from .httpx_transport import HttpxTransport

            return HttpxTransport(None, ssl_context=context, proxy=proxy)
        import_modules("encodings.idna")  # looking up a host name does, without the lock
        from memoryos._transport.http1.engine import ENGINE

        from .connections import DirectTransport

        logger.debug("HTTP/1.1 is parsed by %s %s", ENGINE.NAME, ENGINE.VERSION)
        return DirectTransport(self._base_url, context)

    def _import_for_httpx(self, *names: str) -> None:
        """Import modules, and what httpx imports by itself when it connects."""
        import_modules(*names, "encodings.idna")

    @property
    def is_bound(self) -> bool:
        """Return whether it depends on objects of the caller's, which can't be made again."""
        bound = (self._http_client, self._ssl_context, self._local)
        return any(each is not None for each in bound)

    @property
    def useful_threads(self) -> Optional[int]:
        """How many threads do more than fewer of them, or None for any number."""
        return None if self._local is None else self._local.useful_threads

    @property
    def is_open(self) -> bool:
        """Return whether connections of the SDK's own are open."""
        # Of requests that a test intercepts, no connection is left.
        return any(made.is_open for key, made in list(self._made.items()) if key != _MOCKED)

    def abort(self) -> None:
        """Close the SDK's own connections, as far as that needs no waiting."""
        for chosen in self._made.values():
            chosen.abort()

    def close(self) -> None:
        """Close the connections, unless they are the caller's."""
        if self._local is not None:  # it may have been opened before the first call
            self._choose(_CHOSEN)
        for chosen in self._made.values():
            chosen.close()
