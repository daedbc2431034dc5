"""The ASGI application: reads a request within bounds, answers it in a pool of threads."""

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

from .request_limits import BODY_SECONDS, MAX_UNDER_WAY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from .dispatch import Dispatcher, Response

__all__ = ["create_app"]

DEFAULT_THREADS = 8
"""How many requests are worked on at once; SQLite writes one at a time anyway."""

# A client reads its answer only after it has sent its body, so a body that is too large is still
# read and thrown away up to here. What is larger finds the connection closed.
_DISCARDED_BYTES = 8 * 1_048_576


def create_app(
    dispatcher: Dispatcher,
    *,
    threads: int = DEFAULT_THREADS,
    max_under_way: int = MAX_UNDER_WAY,
    body_seconds: float = BODY_SECONDS,
) -> Starlette:
    """Return an ASGI application on `dispatcher`, which it closes when the server stops.

    Beside the contract it answers `GET /healthz`, without a key: `{"status": "ok"}`.

    Args:
        dispatcher: answers the requests.
        threads: how many requests are worked on at once; further ones wait their turn.
        max_under_way: how many requests may be read, wait or be worked on; the next one gets a 503.
        body_seconds: how long a body may take to arrive; then its sender gets a 408.
    """
    endpoint = _Endpoint(dispatcher, threads, max_under_way, body_seconds)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        endpoint.close()

    # Given as an object, so that Starlette hands over the request as it came, with any method.
    anything = Route("/{path:path}", endpoint, methods=None)
    # Starlette's own pattern ends at a line break, and an answer of its own has no envelope.
    anything.path_regex = re.compile(r"/(?P<path>.*)", re.DOTALL)
    routes = [Route("/healthz", _health, methods=["GET"]), anything]
    return Starlette(routes=routes, lifespan=lifespan)


async def _health(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


class _Body(NamedTuple):
    content: bytes
    complete: bool


class _Endpoint:
    def __init__(
        self, dispatcher: Dispatcher, threads: int, max_under_way: int, body_seconds: float
    ) -> None:
        self._dispatcher = dispatcher
        self._max_under_way = max_under_way
        self._body_seconds = body_seconds
        self._under_way = 0  # touched by the event loop's thread only
        # Starts no thread before the first request.
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="memoryos-request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._under_way >= self._max_under_way:
            # Nothing is kept of a body that nobody will look at, but it is read: see above.
            await self._reply(receive, send, 0, self._refuse)
            return
        self._under_way += 1
        try:
            limit = self._dispatcher.max_body_bytes
            await self._reply(receive, send, limit, partial(self._answer, scope))
        finally:
            self._under_way -= 1

    async def _reply(
        self,
        receive: Receive,
        send: Send,
        limit: int,
        answer: Callable[[bytes], Awaitable[Response]],
    ) -> None:
        """Read a body, of which `limit` bytes count, and send the answer that it gets."""
        try:
            body = await asyncio.wait_for(_read_body(receive, limit), self._body_seconds)
        except asyncio.TimeoutError:
            await _send(self._dispatcher.too_slow(self._body_seconds), send, close=True)
            return
        if body is not None:
            await _send(await answer(body.content), send, close=not body.complete)

    async def _refuse(self, _body: bytes) -> Response:
        return self._dispatcher.busy()

    async def _answer(self, scope: Scope, body: bytes) -> Response:
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
    """Return the body, or its first `limit` + 1 bytes; None where the client has gone away."""
    content = bytearray()
    received = 0
    more = True
    while more and received <= limit + _DISCARDED_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        received += len(chunk)
        content += chunk[: limit + 1 - len(content)]
        more = message.get("more_body", False)
    return _Body(bytes(content), complete=not more)


def _raw_path(scope: Scope) -> str:
    # Optional in ASGI; only the raw path tells an encoded slash from a real one. Some servers leave
    # the query behind it, where no path can have a question mark.
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
