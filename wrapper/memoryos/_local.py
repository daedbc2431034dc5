"""MemoryOS.local(): the documented client on a Memory OS inside this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, List, Optional, Type, TypeVar, Union

from . import _config
from ._exchange import Policy

if TYPE_CHECKING:
    import httpx

    from memoryos_server.embedders import Embedder

    from ._async_client import AsyncMemoryOS
    from ._client import MemoryOS

Client = TypeVar("Client", bound="MemoryOS")
AsyncClient = TypeVar("AsyncClient", bound="AsyncMemoryOS")

# A name, an object of the local Memory OS, or a function from texts to vectors.
AnyEmbedder = Union[str, "Embedder", Callable[[List[str]], Any]]


def local_client(cls: Type[Client], path: Optional[str], embedder: Optional[AnyEmbedder]) -> Client:
    """Return a client of class `cls` on the Memory OS that `path` keeps."""
    server = _server()
    return client_on(cls, server.LocalTransport(_service(server, path, embedder)))


def async_local_client(
    cls: Type[AsyncClient], path: Optional[str], embedder: Optional[AnyEmbedder]
) -> AsyncClient:
    """Return a client of class `cls` on the Memory OS that `path` keeps."""
    server = _server()
    return async_client_on(cls, server.AsyncLocalTransport(_service(server, path, embedder)))


def client_on(cls: Type[Client], transport: httpx.BaseTransport) -> Client:
    """Return a client of class `cls` that owns `transport`, a `LocalTransport`."""
    import httpx

    from ._session import Session
    from ._transport import Transport

    settings = _settings(_server())
    http_client = httpx.Client(transport=transport)
    client = cls.__new__(cls)
    client._use(Session(settings, Transport(settings.base_url, http_client, owned=True), Policy()))
    return client


def async_client_on(cls: Type[AsyncClient], transport: httpx.AsyncBaseTransport) -> AsyncClient:
    """Return a client of class `cls` that owns `transport`, an `AsyncLocalTransport`."""
    import httpx

    from ._async_session import AsyncSession
    from ._async_transport import AsyncTransport

    settings = _settings(_server())
    http_client = httpx.AsyncClient(transport=transport)
    client = cls.__new__(cls)
    client._use(
        AsyncSession(settings, AsyncTransport(settings.base_url, http_client, owned=True), Policy())
    )
    return client


def _server() -> Any:
    from ._extras import missing_extra, require_python

    require_python("MemoryOS.local()")
    try:
        from memoryos_server import inprocess
    except ImportError as error:
        raise missing_extra("local", "MemoryOS.local()", error) from error
    return inprocess


def _service(server: Any, path: Optional[str], embedder: Optional[AnyEmbedder]) -> Any:
    """Return the Memory OS that `path` keeps, with the embedder that is meant.

    Raises:
        ValidationError: There is no such embedder.
        MissingExtraError: Its packages, its key or its module is not here.
    """
    from memoryos_server.embedders import MissingEmbedderError, registry

    from ._extras import MissingExtraError

    wanted = registry.default_name() if embedder is None else embedder
    if wanted == "auto":
        return server.open_local(path)
    try:
        return server.open_local(path, embedder=registry.as_embedder(wanted))
    except registry.UnknownEmbedderError as error:
        raise _config.invalid("embedder", "", str(error)) from None
    except MissingEmbedderError as error:
        raise MissingExtraError(str(error)) from error


def _settings(server: Any) -> _config.Settings:
    return _config.resolve(
        {},
        api_key=server.local_key(),
        base_url=server.LOCAL_BASE_URL,
        timeout=Policy.timeout,
        max_retries=Policy.max_retries,
        headers=None,
        deadline=None,
    )
