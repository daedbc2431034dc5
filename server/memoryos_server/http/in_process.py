"""The local Memory OS without a socket, as transports for `httpx.Client` and `httpx.AsyncClient`.

A request goes through the same dispatcher as over HTTP, but needs no key: whoever holds the
transport runs in the same process as the data, and calls as the default owner with every scope.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import httpx

from memoryos_server.model.caller import DEFAULT_OWNER, Caller
from memoryos_server.service.operations import Service, open_service
from memoryos_server.stores.data_path import default_data_path

from .dispatch import Dispatcher, Response

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder

__all__ = ["LOCAL_BASE_URL", "AsyncLocalTransport", "LocalTransport", "local_key", "open_local"]

LOCAL_BASE_URL = "http://memoryos.invalid/v1"
"""The base URL for a client on these transports: no network ever resolves `.invalid`."""

_IN_PROCESS_CALLER = Caller(owner=DEFAULT_OWNER, scopes=frozenset({"*"}))


def local_key() -> str:
    """Return a well-formed key for clients that insist on one; the transports do not read it."""
    return "mos_test_in_process"


def open_local(
    path: str | os.PathLike[str] | None = None,
    *,
    embedder: Embedder | Literal["default"] | None = "default",
    sync: Literal["normal", "full"] = "normal",
) -> Service:
    """Return the Memory OS in a file of this machine; the file is opened by the first call.

    Args:
        path: the file; `":memory:"` for none; None for `default_data_path()`.
        embedder: turns text into vectors; None to search by words alone.
        sync: `"full"` makes an acknowledged write survive a power failure as well.
    """
    file = default_data_path() if path is None else os.fspath(path)
    return open_service(file, embedder=embedder, sync=sync)


class _Local:
    """What the two transports share: the service, and the dispatcher on it."""

    def __init__(self, service: Service, dispatcher: Dispatcher | None = None) -> None:
        """Answer on `service`, which is closed together with the transport.

        Args:
            service: the Memory OS.
            dispatcher: a dispatcher on it that others use too: then the service stays open.
        """
        self._service = service
        self._shared = dispatcher
        self._closed = False

    @cached_property
    def _dispatcher(self) -> Dispatcher:
        return self._shared or Dispatcher(self._service)

    def _close_service(self) -> None:
        if self._shared is None:
            self._service.close()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this in-process Memory OS has been closed")

    def _answer(self, request: httpx.Request, body: bytes) -> Response:
        path, _, query = request.url.raw_path.partition(b"?")
        return self._dispatcher.handle(
            request.method,
            path.decode("ascii"),
            query,
            request.headers.raw,
            body,
            caller=_IN_PROCESS_CALLER,
        )


class LocalTransport(_Local, httpx.BaseTransport):
    """Answers in the calling thread; may be shared between threads, as the service may."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer to `request`.

        Raises:
            RuntimeError: the transport has been closed.
        """
        self._check_open()
        return _to_httpx(self._answer(request, request.read()))

    def close(self) -> None:
        """Close the service, unless others use it. Closing again does nothing."""
        if not self._closed:
            self._closed = True
            self._close_service()


class AsyncLocalTransport(_Local, httpx.AsyncBaseTransport):
    """Answers in one worker thread, which the first call starts and `aclose()` ends.

    It belongs to no event loop: several `asyncio.run` may use it one after another. A cancelled
    call that has begun is finished in the thread, and its answer dropped.
    """

    def __init__(self, service: Service, dispatcher: Dispatcher | None = None) -> None:
        """Answer on `service`, which is closed together with the transport.

        Args:
            service: the Memory OS.
            dispatcher: a dispatcher on it that others use too: then the service stays open.
        """
        super().__init__(service, dispatcher)
        self._worker = _new_worker()
        self._pid = os.getpid()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer to `request`.

        Raises:
            RuntimeError: the transport has been closed.
        """
        body = await request.aread()
        self._check_open()
        answer = self._own_worker().submit(self._answer, request, body)
        return _to_httpx(await asyncio.wrap_future(answer))

    async def aclose(self) -> None:
        """Finish the calls under way, close the service, end the thread. Again, it does nothing."""
        if self._closed:
            return
        self._closed = True
        worker = self._own_worker()
        closing = worker.submit(self._close_service)
        # Takes no further work; the thread ends when what it has is done, even if we are cancelled.
        worker.shutdown(wait=False)
        await asyncio.wrap_future(closing)
        worker.shutdown(wait=True)

    def _own_worker(self) -> ThreadPoolExecutor:
        # A fork takes the executor along, but not its thread: work given to it would wait for ever.
        if self._pid != os.getpid():
            self._worker, self._pid = _new_worker(), os.getpid()
        return self._worker


def _new_worker() -> ThreadPoolExecutor:
    """Return a pool of one thread, which starts with the first piece of work."""
    return ThreadPoolExecutor(1, thread_name_prefix="memoryos-local")


def _to_httpx(response: Response) -> httpx.Response:
    return httpx.Response(
        response.status,
        headers=list(response.headers),
        stream=httpx.ByteStream(response.body),
    )
