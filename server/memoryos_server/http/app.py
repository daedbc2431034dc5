"""ASGI application: reads requests within limits and handles them in a thread pool."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from .access_log import log_request
from .bodies import (
    BodyReader,
    declared_length,
    expects_continue,
    has_body,
    is_ambiguous,
)
from .connection_limits import MAX_DISCARDED_BODY_BYTES
from .dispatch import Rejection
from .endpoints import Endpoints
from .exchange import Exchange
from .http_errors import HTTPError, malformed_request, unsupported_version
from .recent_keys import KeyHolder, RecentKeys
from .request_limits import BODY_TIMEOUT_SECONDS, MAX_CONCURRENT_REQUESTS, MAX_HEAD_BYTES
from .request_target import has_valid_host, parse_target
from .requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeVar

    from memoryos_server.model.caller import Caller
    from memoryos_server.model.records import KeyRecord

    from .access_log import Entry
    from .asgi import Receive, Scope, Send
    from .cors import CrossOrigin
    from .dispatch import Dispatcher, Response
    from .endpoints import Endpoint
    from .metrics import Metrics

    _Result = TypeVar("_Result")

__all__ = ["create_app", "new_threads"]

DEFAULT_WORKER_THREADS = 8
"""Number of requests processed in parallel; SQLite allows only one writer at a time anyway."""

AUTHENTICATION_THREADS = 2
"""Number of API keys looked up in parallel, in threads that no slow operation occupies."""


def create_app(
    dispatcher: Dispatcher,
    *,
    endpoints: Iterable[Endpoint] = (),
    threads: int | ThreadPoolExecutor = DEFAULT_WORKER_THREADS,
    max_concurrent_requests: int = MAX_CONCURRENT_REQUESTS,
    body_timeout_seconds: float = BODY_TIMEOUT_SECONDS,
    log_requests: bool = False,
    metrics: Metrics | None = None,
    cross_origin: CrossOrigin | None = None,
    valid_keys: Sequence[KeyRecord] = (),
) -> _Application:
    """Return an ASGI application that passes requests to `endpoints` and to `dispatcher`.

    It checks the path, the method and the API key before it reads the body, so that only callers
    with a valid key can occupy the server. It closes `dispatcher` on shutdown.

    Args:
        dispatcher: Handles the requests for the paths of the API.
        endpoints: Handle those for their own paths.
        threads: Number of requests processed in parallel, 1 or more; further ones wait. Or the
            threads that process them, which the application shuts down.
        max_concurrent_requests: Number of requests that may be waiting or in progress, and number
            of bodies that may be read for one owner, 1 or more. The next one gets a 503.
        body_timeout_seconds: Time for a body to arrive, in seconds. A slower client gets a 408.
        log_requests: Whether to log a line for each request.
        metrics: Counts the requests, if given.
        cross_origin: Lets pages of other origins call the server, if given.
        valid_keys: Records of valid keys: invalid ones of the same address don't delay their first
            use.
    """
    found = Endpoints(endpoints, max_body_bytes=dispatcher.max_body_bytes)
    application = _Application(
        dispatcher, found, threads, max_concurrent_requests, body_timeout_seconds
    )
    application.recent_keys = RecentKeys(valid_keys)
    application.log_requests = log_requests
    application.metrics = metrics
    application.cross_origin = cross_origin
    return application


def new_threads(number: int = DEFAULT_WORKER_THREADS) -> ThreadPoolExecutor:
    """Return threads that process `number` requests in parallel."""
    return ThreadPoolExecutor(number, thread_name_prefix="memoryos-request")


class _Application:
    log_requests = False
    metrics: Metrics | None = None
    cross_origin: CrossOrigin | None = None

    def __init__(
        self,
        dispatcher: Dispatcher,
        endpoints: Endpoints,
        threads: int | ThreadPoolExecutor,
        max_concurrent_requests: int,
        body_timeout_seconds: float,
    ) -> None:
        self._dispatcher = dispatcher
        self._endpoints = endpoints
        self._max_concurrent_requests = max_concurrent_requests
        self._body_timeout_seconds = body_timeout_seconds
        # Only the event loop's thread uses these three.
        self._concurrent_requests = 0
        self._bodies: Counter[str] = Counter()
        self.recent_keys = RecentKeys()
        # The pools start their threads on demand, none before the first request.
        self._pool = new_threads(threads) if isinstance(threads, int) else threads
        self._authentication_pool = ThreadPoolExecutor(
            AUTHENTICATION_THREADS, thread_name_prefix="memoryos-authentication"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        exchange = Exchange(scope, self._dispatcher.new_request_id())
        if self.metrics is None:
            await self._answer(exchange, receive, send)
            return
        self.metrics.request_started()
        try:
            await self._answer(exchange, receive, send)
        finally:
            self.metrics.request_ended()

    async def _answer(self, exchange: Exchange, receive: Receive, send: Send) -> None:
        body = BodyReader(receive, exchange.headers, self._dispatcher.max_body_bytes)
        response = await self._respond(exchange, body)
        if response is not None:
            if self.cross_origin is not None:
                response = self.cross_origin.add_headers(
                    exchange.method, exchange.headers, response
                )
            await _send(response, send, close=exchange.close)
        if self.log_requests or self.metrics is not None:
            exchange.received_bytes = body.received_bytes
            exchange.operation = self._operation_name(exchange)
            self.record(exchange.entry(response))

    def _operation_name(self, exchange: Exchange) -> str:
        if exchange.endpoint is not None:
            return exchange.endpoint.path.strip("/") or "index"
        return self._dispatcher.operation_name(exchange.method, exchange.path)

    def record(self, entry: Entry) -> None:
        """Log and count a request."""
        if self.log_requests:
            log_request(entry)
        if self.metrics is not None:
            self.metrics.request_answered(entry)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start, wait until the server stops, and close."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _respond(self, exchange: Exchange, body: BodyReader) -> Response | None:
        """Return the response, or None if the client disconnected before its body was read."""
        response = self._check_head(exchange)
        if response is None and exchange.needs_key:
            return await self._respond_with_key(exchange, body)
        await self._discard(exchange, body)
        if response is None and exchange.endpoint is not None:
            return await self._call_endpoint(exchange, exchange.endpoint, b"", None)
        return response

    async def _respond_with_key(self, exchange: Exchange, body: BodyReader) -> Response | None:
        exchange.holder = self.recent_keys.find(exchange.headers)
        is_early = exchange.holder is not None and await body.read_early()
        if is_early and exchange.endpoint is None:
            return await self._handle(exchange, body, caller=None)
        rejection, caller = await self._admit(exchange, body)
        if rejection is None:
            return await self._read_and_handle(exchange, body, caller)
        await self._discard(exchange, body)
        return rejection

    async def _discard(self, exchange: Exchange, body: BodyReader) -> None:
        exchange.close = exchange.close or (
            has_body(exchange.headers) and not await body.discard_early()
        )

    def _check_head(self, exchange: Exchange) -> Response | None:
        """Return the response to a request that needs no look at its key and its body, or None."""
        method = exchange.method
        try:
            exchange.path = path = parse_target(method, exchange.target)
            if not exchange.has_supported_version:
                raise unsupported_version()
            if sum(len(name) + len(value) for name, value in exchange.headers) > MAX_HEAD_BYTES:
                raise malformed_request(431)
            if is_ambiguous(exchange.headers) or not has_valid_host(exchange.headers):
                raise malformed_request(400)
        except HTTPError as error:
            exchange.close = True
            return self._dispatcher.reject(error, exchange.request_id, method=method)
        exchange.endpoint = endpoint = self._endpoints.find(path)
        if endpoint is not None:
            request = Request.build(method, path, exchange.query, exchange.headers, b"")
            return self._endpoints.answer_without_endpoint(endpoint, request, exchange.request_id)
        return self._dispatcher.answer_without_key(
            method, path, exchange.headers, exchange.request_id
        )

    async def _admit(
        self, exchange: Exchange, body: BodyReader
    ) -> tuple[Response | None, Caller | None]:
        """Return the response to a request whose body isn't to be read, or its caller."""
        address = exchange.address if exchange.holder is None else None
        arguments = (exchange.method, exchange.path, exchange.headers, exchange.request_id, address)
        is_endpoint = exchange.endpoint is not None
        admit = self._dispatcher.admit_to_endpoint if is_endpoint else self._dispatcher.admit
        admission = await self._run(self._authentication_pool, partial(admit, *arguments))
        if isinstance(admission, Rejection):
            exchange.holder = admission.holder
            if admission.response.status == HTTPStatus.UNAUTHORIZED:
                self.recent_keys.discard(exchange.headers)
            return admission.response, None
        exchange.holder = KeyHolder(admission.owner, admission.key_id)
        self.recent_keys.add(exchange.headers, exchange.holder)
        bodies = 0 if body.complete else self._bodies[admission.owner]
        if max(self._concurrent_requests, bodies) >= self._max_concurrent_requests:
            return self._overloaded(exchange), None
        return None, admission

    async def _read_and_handle(
        self, exchange: Exchange, body: BodyReader, caller: Caller | None
    ) -> Response | None:
        headers, owner = exchange.headers, exchange.owner or ""
        excess = declared_length(headers) - self._dispatcher.max_body_bytes
        if excess > (0 if expects_continue(headers) else MAX_DISCARDED_BODY_BYTES):
            # The client waits to be asked for its body, or sends more than is ever discarded.
            exchange.close = True
            return await self._handle(exchange, body, caller)
        self._bodies[owner] += 1
        try:
            ended = await body.read(self._body_timeout_seconds)
        finally:
            self._bodies[owner] -= 1
            if not self._bodies[owner]:
                del self._bodies[owner]
        if not ended:
            exchange.close = True
            return self._dispatcher.body_timeout_response(
                self._body_timeout_seconds, exchange.request_id, method=exchange.method
            )
        if body.disconnected:
            return None
        exchange.close = not body.complete
        return await self._handle(exchange, body, caller)

    async def _handle(
        self, exchange: Exchange, body: BodyReader, caller: Caller | None
    ) -> Response:
        if self._concurrent_requests >= self._max_concurrent_requests:
            return self._overloaded(exchange)
        self._concurrent_requests += 1
        content = bytes(body.content)
        try:
            if exchange.endpoint is not None:
                return await self._call_endpoint(exchange, exchange.endpoint, content, caller)
            response = await self._call_operation(exchange, content, caller)
        finally:
            self._concurrent_requests -= 1
        if response.status == HTTPStatus.UNAUTHORIZED:  # it was revoked since its last use
            self.recent_keys.discard(exchange.headers)
            exchange.holder = None
        return response

    async def _call_operation(
        self, exchange: Exchange, content: bytes, caller: Caller | None
    ) -> Response:
        handle = partial(
            self._dispatcher.handle,
            exchange.method,
            exchange.path,
            exchange.query,
            exchange.headers,
            content,
            caller=caller,
            request_id=exchange.request_id,
        )
        if self.metrics is None:
            return await self._run(self._pool, handle)
        queued = self.metrics.request_queued()

        def start() -> Response:
            queued.start()
            return handle()

        try:
            return await self._run(self._pool, start)
        finally:
            queued.leave()

    async def _call_endpoint(
        self, exchange: Exchange, endpoint: Endpoint, content: bytes, caller: Caller | None
    ) -> Response:
        request = Request.build(
            exchange.method, exchange.path, exchange.query, exchange.headers, content
        )
        return await self._endpoints.respond(endpoint, request, caller, exchange.request_id)

    def _overloaded(self, exchange: Exchange) -> Response:
        exchange.is_overload = True
        return self._dispatcher.overloaded_response(exchange.request_id, method=exchange.method)

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    def close(self) -> None:
        self._authentication_pool.shutdown()
        self._pool.shutdown()
        self._dispatcher.close()


async def _send(response: Response, send: Send, *, close: bool) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
    ]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
