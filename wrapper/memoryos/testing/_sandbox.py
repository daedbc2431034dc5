"""A Memory OS for one test: in this process, empty, with the test's own clock and ids."""

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
"""What a sandbox can find memories by: meaning, equal words, or the database's text search."""

_FEATURE = "the Memory OS of memoryos.testing"
_ID = "00000000-0000-4000-8000-{:012x}"
_REQUEST_ID = "req_{:06d}"


class Sandbox:
    """A Memory OS that holds nothing, and is gone when it is closed.

    All its clients, and a `MemoryServer` on it, see the same memories. Ids count up from
    `00000000-0000-4000-8000-000000000001`, and request ids from `req_000001`.

    It starts and stops as a context manager. It needs the extra `local`.

    Args:
        clock: What time it is. Default: a new clock.
        embedder: `minilm` finds by meaning, as `MemoryOS.local()` does; the model is loaded once a
            process, when first needed. `hashing` finds equal words only, and loads no model. `none`
            has no vectors at all.

    Attributes:
        clock: The clock.

    Raises:
        ImportError: The extra `local` is not installed, or this Python is too old for it; the
            message says what to do.
        ValueError: There is no such embedder.
    """

    def __init__(self, clock: Optional[Clock] = None, *, embedder: str = "minilm") -> None:
        if embedder not in EMBEDDERS:
            raise ValueError(f"no such embedder: {embedder}; there are {', '.join(EMBEDDERS)}")
        self.clock = Clock() if clock is None else clock
        self._service, self._dispatcher = _open(self.clock, embedder)
        self._closing = contextlib.ExitStack()
        self._closing.callback(self._service.close)

    def client(self) -> MemoryOS:
        """Return a client on it, which is closed with it at the latest."""
        from memoryos import MemoryOS
        from memoryos_server.http.in_process import LocalTransport

        client = MemoryOS._on_transport(LocalTransport(self._service, self._dispatcher))
        self._closing.callback(client.close)
        return client

    def async_client(self) -> AsyncMemoryOS:
        """Return an asynchronous client on it, which is closed with it at the latest.

        It belongs to no event loop: every test may use it in its own way.
        """
        from memoryos import AsyncMemoryOS
        from memoryos_server.http.in_process import AsyncLocalTransport

        client = AsyncMemoryOS._on_transport(AsyncLocalTransport(self._service, self._dispatcher))
        self._closing.callback(_close_elsewhere, client)
        return client

    def new_key(self, scopes: Optional[Iterable[str]] = None) -> str:
        """Return a new API key, for requests that come over HTTP.

        Args:
            scopes: What it allows, such as `["memories:read"]`. Default: everything but `admin`.

        Raises:
            ValueError: There is no such scope.
        """
        if scopes is None:
            return self._service.create_key()
        return self._service.create_key(scopes=scopes)

    def answer(self, received: Received) -> Reply:
        """Return the answer to a request that came over HTTP; its key counts."""
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
        """Close its clients, and forget everything. Again, it does nothing."""
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
        chosen = named_embedder(embedder)
    except MissingEmbedderError as error:
        raise MissingExtraError(f"{_FEATURE} can't start: {error}") from error
    service = open_service(
        ":memory:", embedder=chosen, clock=lambda: clock.now, new_id=_counting(_ID)
    )
    return service, Dispatcher(service, new_request_id=_counting(_REQUEST_ID))


def _counting(pattern: str) -> Callable[[], str]:
    """Return a function that fills one more number into a pattern at each call."""
    numbers = itertools.count(1)
    return lambda: pattern.format(next(numbers))


def _close_elsewhere(client: AsyncMemoryOS) -> None:
    """Close an asynchronous client, whether or not an event loop runs in this thread."""
    closing = threading.Thread(target=lambda: asyncio.run(client.close()))
    closing.start()
    closing.join()
