"""ASGI application: reads requests within limits and handles them in a thread pool."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from .request_limits import BODY_TIMEOUT_SECONDS, MAX_CONCURRENT_REQUESTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from .dispatch import Dispatcher, Response

__all__ = ["create_app"]

DEFAULT_WORKER_THREADS = 8
"""Number of requests processed in parallel; SQLite allows only one writer at a time anyway."""

MAX_DISCARDED_BODY_BYTES = 8 * 1_048_576
"""Number of bytes beyond the body limit that are read and discarded.

A client reads the response only after it has sent its body, so the server reads a body that is too
large before it sends the 413. It closes the connection of a client that sends even more.
"""


def create_app(
    dispatcher: Dispatcher,
    *,
    threads: int = DEFAULT_WORKER_THREADS,
    max_concurrent_requests: int = MAX_CONCURRENT_REQUESTS,
    body_timeout_seconds: float = BODY_TIMEOUT_SECONDS,
) -> Starlette:
    """Return an ASGI application that passes requests to `dispatcher`.

    Besides the operations of the contract it serves `GET /healthz`, which needs no key and returns
    `{"status": "ok"}`. It closes `dispatcher` on shutdown.

    Args:
        dispatcher: Handles the requests.
        threads: Number of requests processed in parallel, 1 or more; further ones wait.
        max_concurrent_requests: Number of requests that may be read, waiting or in progress, 1 or
            more. The next one gets a 503.
        body_timeout_seconds: Time for a body to arrive, in seconds. A slower client gets a 408.
    """
    endpoint = _Endpoint(dispatcher, threads, max_concurrent_requests, body_timeout_seconds)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        endpoint.close()

    # Starlette passes an endpoint object every method and the unparsed request.
    catch_all = Route("/{path:path}", endpoint, methods=None)
    # Starlette's own pattern stops at a line break, and its 404 response has no envelope.
    catch_all.path_regex = re.compile(r"/(?P<path>.*)", re.DOTALL)
    routes = [Route("/healthz", _health, methods=["GET"]), catch_all]
    return Starlette(routes=routes, lifespan=lifespan)


async def _health(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


class _Body(NamedTuple):
    content: bytes
    complete: bool


class _Endpoint:
    def __init__(
        self,
        dispatcher: Dispatcher,
        threads: int,
        max_concurrent_requests: int,
        body_timeout_seconds: float,
    ) -> None:
        self._dispatcher = dispatcher
        self._max_concurrent_requests = max_concurrent_requests
        self._body_timeout_seconds = body_timeout_seconds
        self._concurrent_requests = 0  # only the event loop's thread changes it
        # The pool starts its threads on demand, none before the first request.
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="memoryos-request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._concurrent_requests >= self._max_concurrent_requests:
            # The body is still read, as `MAX_DISCARDED_BODY_BYTES` explains, but not kept.
            await self._reply(receive, send, 0, self._overloaded)
            return
        self._concurrent_requests += 1
        try:
            limit = self._dispatcher.max_body_bytes
            await self._reply(receive, send, limit, partial(self._handle, scope))
        finally:
            self._concurrent_requests -= 1

    async def _reply(
        self,
        receive: Receive,
        send: Send,
        limit: int,
        handle: Callable[[bytes], Awaitable[Response]],
    ) -> None:
        """Read a body of up to `limit` bytes, and send the response that `handle` returns."""
        try:
            body = await asyncio.wait_for(_read_body(receive, limit), self._body_timeout_seconds)
        except asyncio.TimeoutError:
            timed_out = self._dispatcher.body_timeout_response(self._body_timeout_seconds)
            await _send(timed_out, send, close=True)
            return
        if body is not None:
            await _send(await handle(body.content), send, close=not body.complete)

    async def _overloaded(self, _body: bytes) -> Response:
        return self._dispatcher.overloaded_response()

    async def _handle(self, scope: Scope, body: bytes) -> Response:
        handle = partial(
            self._dispatcher.handle,
            scope["method"],
            _raw_path(scope),
            scope["query_string"],
            scope["headers"],
            body,
        )
        return await asyncio.get_running_loop().run_in_executor(self._pool, handle)

    def close(self) -> None:
        self._pool.shutdown()
        self._dispatcher.close()


async def _read_body(receive: Receive, limit: int) -> _Body | None:
    """Return the body or its first `limit` + 1 bytes, or None if the client disconnected."""
    content = bytearray()
    received = 0
    more = True
    while more and received <= limit + MAX_DISCARDED_BODY_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        received += len(chunk)
        content += chunk[: limit + 1 - len(content)]
        more = message.get("more_body", False)
    return _Body(bytes(content), complete=not more)


def _raw_path(scope: Scope) -> str:
    # Only the raw path distinguishes an encoded slash from a real one, but it's optional in ASGI.
    # Some servers append the query, which starts at the first question mark.
    raw: bytes | None = scope.get("raw_path")
    return quote(scope["path"]) if raw is None else raw.partition(b"?")[0].decode("latin-1")


async def _send(response: Response, send: Send, *, close: bool) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
    ]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
