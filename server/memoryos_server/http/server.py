"""The HTTP server: uvicorn with connections and limits of this package."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.flow_control import CLOSE_HEADER

from .app import DEFAULT_WORKER_THREADS, create_app
from .connection import Connection, WaitingConnections
from .open_file_limit import connection_limit, raise_open_file_limit
from .request_limits import (
    HEAD_TIMEOUT_SECONDS,
    KEEP_ALIVE_SECONDS,
    MAX_CONCURRENT_REQUESTS,
    MAX_HEAD_BYTES,
)
from .tls import TLSProtocol
from .trusted_proxies import ForwardedHeaders

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import ThreadPoolExecutor
    from types import FrameType

    from memoryos_server.model.records import KeyRecord

    from .certificate import Certificate
    from .cors import CrossOrigin
    from .dispatch import Dispatcher
    from .endpoints import Endpoint
    from .metrics import Metrics
    from .trusted_proxies import TrustedProxies

__all__ = ["ACCEPT_BACKLOG", "create_server"]

ACCEPT_BACKLOG = 2048
"""Number of connections that the operating system accepts for a server that is busy."""

_ACCEPTED_AT_ONCE = 16
"""Number of connections accepted in one iteration of the event loop.

It takes a few iterations until surplus connections are closed, and each needs an open file: this
times four must be well below `RESERVED_FILES`.
"""

_SHUTDOWN_TIMEOUT_SECONDS = 30


class _Server(uvicorn.Server):
    on_start: Callable[[], None] | None = None
    _was_signalled = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Only a second signal ends the requests in progress, not one after another way to stop:
        # Ctrl-C reaches a worker and its supervisor, which then stops the worker.
        if not self._was_signalled:
            self._was_signalled, self.should_exit = True, False
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # asyncio takes `backlog` both as the backlog and as the number accepted at once.
        for listener in sockets or []:
            listener.listen(ACCEPT_BACKLOG)
        if self.on_start is not None:
            self.on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A client would lose the next request that it sends on its connection.
        self.server_state.default_headers.append(CLOSE_HEADER)
        await super().shutdown(sockets)


def create_server(
    dispatcher: Dispatcher,
    *,
    endpoints: Iterable[Endpoint] = (),
    threads: int | ThreadPoolExecutor = DEFAULT_WORKER_THREADS,
    max_concurrent_requests: int = MAX_CONCURRENT_REQUESTS,
    head_timeout_seconds: float = HEAD_TIMEOUT_SECONDS,
    log_requests: bool = False,
    metrics: Metrics | None = None,
    certificate: Certificate | None = None,
    trusted_proxies: TrustedProxies | None = None,
    on_start: Callable[[], None] | None = None,
    cross_origin: CrossOrigin | None = None,
    valid_keys: Sequence[KeyRecord] = (),
) -> uvicorn.Server:
    """Return a server for the API and `endpoints`; it closes `dispatcher` when it stops.

    Args:
        dispatcher: As for `create_app`.
        endpoints: As for `create_app`.
        threads: As for `create_app`.
        max_concurrent_requests: As for `create_app`.
        head_timeout_seconds: Time for the headers of a request to arrive, in seconds.
        log_requests: Whether to log a line for each request.
        metrics: Counts the requests, if given.
        certificate: Certificate of the server, to serve HTTPS; each new connection uses what it
            has loaded last.
        trusted_proxies: Proxies whose forwarded headers are believed. Default: none.
        on_start: Called when the server accepts connections.
        cross_origin: As for `create_app`.
        valid_keys: As for `create_app`.
    """
    raise_open_file_limit()
    app = create_app(
        dispatcher,
        endpoints=endpoints,
        threads=threads,
        max_concurrent_requests=max_concurrent_requests,
        log_requests=log_requests,
        metrics=metrics,
        cross_origin=cross_origin,
        valid_keys=valid_keys,
    )
    connection = partial(
        Connection,
        dispatcher=dispatcher,
        waiting=WaitingConnections(connection_limit()),
        head_timeout_seconds=head_timeout_seconds,
        record=app.record,
    )
    config = uvicorn.Config(
        app if trusted_proxies is None else ForwardedHeaders(app, trusted_proxies),
        http=cast("Any", _protocol_factory(connection, certificate)),
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=_ACCEPTED_AT_ONCE,
        lifespan="on",
        ws="none",
        access_log=False,
        log_config=None,
        log_level="error",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT_SECONDS,
    )
    server = _Server(config)
    server.on_start = on_start
    return server


def _protocol_factory(
    connection: Callable[..., Connection], certificate: Certificate | None
) -> Callable[..., asyncio.Protocol]:
    """Return the function with which uvicorn makes the protocol of a connection."""
    if certificate is None:
        return connection

    def with_tls(**uvicorn_arguments: Any) -> TLSProtocol:
        return TLSProtocol(connection(**uvicorn_arguments), certificate.context)

    return with_tls
