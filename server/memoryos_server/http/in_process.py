"""In-process transports: a local Memory OS for the SDK, `httpx.Client` and `httpx.AsyncClient`.

There is no socket. Requests pass through the same dispatcher as over HTTP but need no API key: the
client runs in the process that has the data, and calls as the default owner with all permissions.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import httpx

from memoryos_server.model.caller import DEFAULT_OWNER, Caller
from memoryos_server.model.permissions import ALL_PERMISSIONS
from memoryos_server.service.operations import Service, open_service
from memoryos_server.stores.data_path import default_data_path
from memoryos_server.stores.database_url import Address, is_address
from memoryos_server.stores.factory import MissingStoreError

from .dispatch import Dispatcher, Response

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import ThreadPoolExecutor

    from memoryos_server.embedders import Embedder

__all__ = [
    "LOCAL_BASE_URL",
    "AsyncLocalTransport",
    "LocalTransport",
    "MissingStoreError",
    "data_location",
    "local_key",
    "open_local",
]

_BASE_PATH = "/v1"
LOCAL_BASE_URL = f"local://memoryos{_BASE_PATH}"
"""Base URL for clients that use these transports. Nothing else can send to this scheme."""

_IN_PROCESS_CALLER = Caller(owner=DEFAULT_OWNER, permissions=frozenset({ALL_PERMISSIONS}))


def local_key() -> str:
    """Return a well-formed API key for clients that require one; the transports ignore it."""
    return "mos_test_in_process"


def open_local(
    path: str | os.PathLike[str] | None = None,
    *,
    embedder: Embedder | Literal["default"] | None = "default",
    sync: Literal["normal", "full"] = "normal",
    may_create: bool = True,
) -> Service:
    """Return a local Memory OS that stores its data in a file; the first call opens the file.

    Args:
        path: Database file, `":memory:"` for none, the URL of a PostgreSQL database, or None for
            `default_data_path()`.
        embedder: Converts texts to vectors, or None to search by words alone.
        sync: `"full"` makes acknowledged writes survive a power failure, `"normal"` only the end of
            the process.
        may_create: Whether to create the tables of a PostgreSQL database that has none.

    Raises:
        MissingStoreError: The packages for PostgreSQL aren't installed.
    """
    file = default_data_path() if path is None else os.fspath(path)
    return open_service(file, embedder=embedder, sync=sync, may_create=may_create)


def data_location(path: str | os.PathLike[str] | None) -> str:
    """Return the file or database that `open_local(path)` opens, without credentials."""
    location = str(default_data_path() if path is None else os.fspath(path))
    return str(Address(location)) if is_address(location) else location


class _InProcessTransport:
    """Base of both transports: the service and its dispatcher.

    Args:
        service: The Memory OS. The transport closes it.
        dispatcher: A dispatcher that others use too. The transport then leaves the service open.
    """

    def __init__(self, service: Service, dispatcher: Dispatcher | None = None) -> None:
        self._service = service
        self._shared = dispatcher
        self._closed = False

    @cached_property
    def _dispatcher(self) -> Dispatcher:
        return self._shared or Dispatcher(self._service)

    def _close_service(self) -> None:
        if self._shared is None:
            self._service.close()

    @property
    def is_open(self) -> bool:
        """Whether `close` or `aclose` wasn't called."""
        return not self._closed

    @property
    def useful_threads(self) -> int | None:
        """How many threads do more than fewer of them, or None for any number."""
        return self._service.useful_threads

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("The in-process Memory OS is closed")

    def _handle(
        self, method: str, target: str, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> Response:
        path, _, query = target.partition("?")
        return self._dispatcher.handle(
            method, path, query.encode("ascii"), headers, body, caller=_IN_PROCESS_CALLER
        )


class LocalTransport(_InProcessTransport, httpx.BaseTransport):
    """Handles requests in the calling thread. Thread-safe."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to `request`.

        Raises:
            RuntimeError: The transport is closed.
        """
        body = request.read()
        self._check_open()
        return _to_httpx(self._handle(*_line_and_headers(request), body))

    def respond(
        self, method: str, target: str, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> Response:
        """Return the response to a request, without httpx.

        Args:
            method: HTTP method in upper case.
            target: Path below `LOCAL_BASE_URL`, percent-encoded, with the query.
            headers: Names, in any case, and values.
            body: Body.

        Raises:
            RuntimeError: The transport is closed.
        """
        self._check_open()
        return self._handle(method, _BASE_PATH + target, headers, body)

    def abort(self) -> None:
        """Close the service, as `close` does."""
        self.close()

    def close(self) -> None:
        """Close the service, unless others use it. Further calls do nothing."""
        if not self._closed:
            self._closed = True
            self._close_service()


class AsyncLocalTransport(_InProcessTransport, httpx.AsyncBaseTransport):
    """Handles requests in one worker thread, which the first call starts and `aclose()` stops.

    The transport isn't bound to an event loop: consecutive `asyncio.run` calls can share it. If a
    call is cancelled after it has started, the thread completes it and discards the response.
    """

    def __init__(self, service: Service, dispatcher: Dispatcher | None = None) -> None:
        super().__init__(service, dispatcher)
        self._worker = _new_worker()
        self._pid = os.getpid()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response to `request`.

        Raises:
            RuntimeError: The transport is closed.
        """
        import asyncio

        body = await request.aread()
        self._check_open()
        line_and_headers = _line_and_headers(request)
        response = self._process_worker().submit(self._handle, *line_and_headers, body)
        return _to_httpx(await asyncio.wrap_future(response))

    async def respond(
        self, method: str, target: str, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> Response:
        """Return the response to a request, without httpx; see `LocalTransport.respond`.

        Raises:
            RuntimeError: The transport is closed.
        """
        import asyncio

        self._check_open()
        target = _BASE_PATH + target
        response = self._process_worker().submit(self._handle, method, target, headers, body)
        return await asyncio.wrap_future(response)

    def abort(self) -> None:
        """Do nothing: closing needs an event loop."""

    async def aclose(self) -> None:
        """Complete pending calls, close the service and stop the thread. Idempotent."""
        import asyncio

        if self._closed:
            return
        self._closed = True
        worker = self._process_worker()
        closing = worker.submit(self._close_service)
        # The thread ends after its pending work, even if this coroutine is cancelled.
        worker.shutdown(wait=False)
        await asyncio.wrap_future(closing)
        worker.shutdown(wait=True)

    def _process_worker(self) -> ThreadPoolExecutor:
        # A fork copies the executor but not its thread, so the child needs a new one.
        if self._pid != os.getpid():
            self._worker, self._pid = _new_worker(), os.getpid()
        return self._worker


def _new_worker() -> ThreadPoolExecutor:
    """Return a pool of one thread, which starts with the first task."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(1, thread_name_prefix="memoryos-local")


def _line_and_headers(request: httpx.Request) -> tuple[str, str, list[tuple[bytes, bytes]]]:
    return request.method, request.url.raw_path.decode("ascii"), request.headers.raw


def _to_httpx(response: Response) -> httpx.Response:
    return httpx.Response(
        response.status,
        headers=list(response.headers),
        stream=httpx.ByteStream(response.body),
    )
