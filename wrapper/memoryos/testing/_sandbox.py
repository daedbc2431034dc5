"""In-process Memory OS for one test, with a clock of its own and predictable ids."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from typing import TYPE_CHECKING, Callable, Iterable, Optional, Tuple, Type

from memoryos._extras import MissingExtraError, missing_extra, require_packages, require_python

from ._clock import Clock
from ._http_messages import Reply

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from memoryos import AsyncMemoryOS, MemoryOS
    from memoryos_server.http.dispatch import Dispatcher
    from memoryos_server.service.operations import Service

    from ._http_messages import Received

EMBEDDERS = ("minilm", "hashing", "none")
"""Names of the embedders: search by meaning, by equal words, or by text search only."""

_FEATURE = "the Memory OS of memoryos.testing"
_ID_FORMAT = "00000000-0000-4000-8000-{:012x}"
_REQUEST_ID_FORMAT = "req_{:06d}"


class Sandbox:
    """In-process Memory OS that starts empty and keeps its data in memory.

    All its clients, and a `MemoryServer` on it, share the same memories. Ids are numbered from
    `00000000-0000-4000-8000-000000000001`, request ids from `req_000001`.

    Use it as a context manager. Needs the extra `local`.

    Args:
        clock: The clock. Default: a new `Clock`.
        embedder: `minilm` searches by meaning, like `MemoryOS.local()`; the model is loaded once
            per process, on first use. `hashing` matches equal words, without a model. `none`
            creates no vectors.

    Attributes:
        clock: The clock.

    Raises:
        ImportError: The extra `local` is not installed, or this Python version is too old.
        ValueError: The embedder is unknown.

    Example:
        >>> with Sandbox(embedder="hashing") as sandbox:
        ...     memory = sandbox.client()
        ...     memory.memories.create("Ada drinks her coffee black")
        ...     sandbox.clock.advance(days=2)
        ...     assert memory.memories.list()["data"] == []  # expired
    """

    def __init__(self, clock: Optional[Clock] = None, *, embedder: str = "minilm") -> None:
        if embedder not in EMBEDDERS:
            raise ValueError(f"unknown embedder {embedder}: use one of {', '.join(EMBEDDERS)}")
        self.clock = Clock() if clock is None else clock
        self._service, self._dispatcher = _open(self.clock, embedder)
        self._closing = contextlib.ExitStack()
        self._closing.callback(self._service.close)

    def client(self) -> MemoryOS:
        """Return a new client. Closing the sandbox closes it."""
        from memoryos import MemoryOS
        from memoryos_server.http.in_process import LocalTransport

        client = MemoryOS._on_transport(LocalTransport(self._service, self._dispatcher), ":memory:")
        self._closing.callback(client.close)
        return client

    def async_client(self) -> AsyncMemoryOS:
        """Return a new asynchronous client. Closing the sandbox closes it.

        It may be used in any event loop.
        """
        from memoryos import AsyncMemoryOS
        from memoryos_server.http.in_process import AsyncLocalTransport

        client = AsyncMemoryOS._on_transport(
            AsyncLocalTransport(self._service, self._dispatcher), ":memory:"
        )
        self._closing.callback(_close_in_thread, client)
        return client

    def new_key(self, scopes: Optional[Iterable[str]] = None) -> str:
        """Create an API key, for requests over HTTP.

        Args:
            scopes: Permissions of the key, such as `["memories:read"]`. Default: all except
                `admin`.

        Returns:
            The key.

        Raises:
            ValueError: A scope is unknown.
        """
        if scopes is None:
            return self._service.create_key()
        return self._service.create_key(scopes=scopes)

    def answer(self, received: Received) -> Reply:
        """Handle a request received over HTTP, with the permissions of its API key.

        Args:
            received: The request.

        Returns:
            The response.
        """
        path, _, query = received.target.partition("?")
        headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in received.headers.items()
        ]
        response = self._dispatcher.handle(
            received.method, path, query.encode("latin-1"), headers, received.body
        )
        return Reply(response.status, response.body, response.headers)

    def close(self) -> None:
        """Close all clients, and discard all data. Calling it again has no effect."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


def _open(clock: Clock, embedder: str) -> Tuple[Service, Dispatcher]:
    from memoryos_server.requirements import SERVICE_PACKAGES

    require_python(_FEATURE)
    require_packages(_FEATURE, "local", SERVICE_PACKAGES)
    try:
        from memoryos_server.embedders import MissingEmbedderError, named_embedder
        from memoryos_server.http.dispatch import Dispatcher
        from memoryos_server.service.operations import open_service
    except ImportError as error:
        raise missing_extra("local", _FEATURE, error) from error
    try:
        selected = named_embedder(embedder)
    except MissingEmbedderError as error:
        raise MissingExtraError(f"{_FEATURE} can't start: {error}") from error
    service = open_service(
        ":memory:", embedder=selected, clock=lambda: clock.now, new_id=_counter(_ID_FORMAT)
    )
    return service, Dispatcher(service, new_request_id=_counter(_REQUEST_ID_FORMAT))


def _counter(pattern: str) -> Callable[[], str]:
    """Return a function that formats the numbers 1, 2, 3, … in consecutive calls."""
    numbers = itertools.count(1)
    return lambda: pattern.format(next(numbers))


def _close_in_thread(client: AsyncMemoryOS) -> None:
    """Close an asynchronous client, even if an event loop is running in this thread."""
    closing = threading.Thread(target=lambda: asyncio.run(client.close()))
    closing.start()
    closing.join()
