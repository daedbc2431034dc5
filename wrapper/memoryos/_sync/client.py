# Written by tools/sync_from_async.py from _async/client.py: edit that file.
"""MemoryOS, the synchronous client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Mapping, Optional, Tuple, Type, TypeVar

from memoryos._local import AnyEmbedder, local_settings, local_transport
from memoryos._protocol import logging_setup
from memoryos._protocol.retries import Policy
from memoryos._protocol.secret import Secret
from memoryos._protocol.settings import change_settings, resolve_settings, restore_client

from .bulk import Memories
from .raw_client import RawMemoryOS
from .resources import Entities, Queries, Tags
from .session import Session
from .transport import Transport

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    import httpx
    from typing_extensions import Self


Client = TypeVar("Client", bound="MemoryOS")


class MemoryOS(Queries):
    """The synchronous client of Memory OS.

    Nothing is sent, opened or started before the first call. One client serves any number of
    concurrent calls; close it when done, or use it as a context manager.

    Args:
        api_key: The API key, which starts with `mos_`. Default: the environment variable
            `MEMORY_OS_API_KEY`.
        base_url: The API's address. Default: the environment variable `MEMORY_OS_BASE_URL`, else
            `https://api.mymemoryos.com/v1`.
        timeout: Seconds that one attempt may take; more than 0.
        max_retries: How often a failed attempt is repeated; 0 or more.
        headers: Headers to send with every request, besides the SDK's own.
        deadline: Seconds that one call may take with all its attempts and waits. Default: no limit.
        http_client: An httpx client to send through, for settings that httpx has and this client
            has not. It stays the caller's: `close()` leaves it open. Its timeouts bound each phase
            of an attempt, not the attempt as a whole.
        ssl_context: How to verify the service's certificate. Default: by the roots that
            `SSL_CERT_FILE` or `SSL_CERT_DIR` name, else by certifi's.

    Raises:
        AuthenticationError: The key is missing, blank or malformed.
        ValidationError: Another argument is not usable.

    Examples:
        >>> with MemoryOS() as memory:
        ...     memory.memories.create("Ada drinks her coffee black", tier="long")
        ...     found = memory.search("How does Ada take her coffee?")
    """

    __module__ = "memoryos"  # the public name, for tracebacks and documentation

    memories: Memories
    """Create, list, get, update and delete memories."""
    tags: Tags
    """List the tags on memories."""
    entities: Entities
    """List and create the entities that memories speak of."""

    def __init__(
        self,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        timeout: float = 30,
        max_retries: int = 3,
        headers: Optional[Mapping[str, str]] = None,
        *,
        deadline: Optional[float] = None,
        http_client: Optional[httpx.Client] = None,
        ssl_context: Optional[ssl.SSLContext] = None,
    ) -> None:
        key, own_headers = Secret(api_key), Secret(headers)
        del api_key, headers  # some tracebacks show the locals of their frames
        settings = resolve_settings(
            os.environ,
            api_key=key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            headers=own_headers,
            deadline=deadline,
        )
        logging_setup.configure(os.environ)
        policy = Policy(settings.timeout, settings.max_retries, settings.deadline)
        transport = Transport(settings.base_url, http_client, ssl_context=ssl_context)
        self._use(Session(settings, transport, policy))

    def _use(self, session: Session) -> None:
        self._session = session
        self.memories = Memories(session)
        self.tags = Tags(session)
        self.entities = Entities(session)

    @classmethod
    def local(
        cls: Type[Client], path: Optional[str] = None, *, embedder: Optional[AnyEmbedder] = None
    ) -> Client:
        """Return a client on a Memory OS of its own, inside this process: no key, no network.

        It needs the extra `local`. The file is opened at the first call, and may be shared with
        other clients, processes and `memoryos serve`.

        Args:
            path: The file that keeps the memories; `":memory:"` for none. Default: a file in the
                user's data folder.
            embedder: What finds memories by meaning: a name as in `memoryos serve --embedder`, a
                function from a list of texts to a vector for each, or an embedder of
                `memoryos_server.embedders`. `"none"` searches by words. Default: the environment
                variable MEMORY_OS_EMBEDDER, else a model on this machine, where it is installed.

        Raises:
            ImportError: The extra `local` is not installed, or what the embedder needs; the message
                says what to do.
            ValidationError: There is no such embedder.
        """
        return cls._on_transport(local_transport(path, embedder))

    @classmethod
    def _on_transport(cls: Type[Client], transport: httpx.BaseTransport) -> Client:
        """Return a client that owns `transport`, which leads to a local Memory OS."""
        import httpx

        settings = local_settings()
        http_client = httpx.Client(transport=transport)
        owned = Transport(settings.base_url, http_client, owned=True)
        client = cls.__new__(cls)
        client._use(Session(settings, owned, Policy()))  # noqa: SLF001 - of its own class
        return client

    @property
    def base_url(self) -> str:
        """The address that requests go to, without a slash at its end."""
        return self._session.settings.base_url

    @property
    def with_raw_response(self) -> RawMemoryOS:
        """The same methods, each answering with a `RawResponse`.

        It has the status, the headers, the request id, the attempts, the time it took, `data` (the
        dict) and `parsed` (an object of the generated models).
        """
        return RawMemoryOS(self._session)

    def with_options(
        self,
        *,
        timeout: Optional[float] = None,
        max_retries: Optional[int] = None,
        headers: Optional[Mapping[str, str]] = None,
        deadline: Optional[float] = None,
    ) -> Self:
        """Return a client with other settings, which shares this one's connections.

        Closing it leaves them open; closing this client closes them for both.

        Args:
            timeout: Seconds that one attempt may take; more than 0. Default: as here.
            max_retries: How often a failed attempt is repeated; 0 or more. Default: as here.
            headers: Headers to send besides those that this client sends.
            deadline: Seconds that one call may take in all. Default: as here.

        Raises:
            ValidationError: An argument is not usable.

        Examples:
            >>> memory.with_options(timeout=2, max_retries=0).search("Is the door locked?")
        """
        own_headers = Secret(headers)
        del headers  # some tracebacks show the locals of their frames
        settings = change_settings(
            self._session.settings,
            timeout=timeout,
            max_retries=max_retries,
            headers=own_headers,
            deadline=deadline,
        )
        client = type(self).__new__(type(self))
        client._use(self._session.with_settings(settings))  # noqa: SLF001 - of its own class
        return client

    def close(self) -> None:
        """Close the connections. A second time does nothing; a call afterwards raises."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __reduce__(self) -> Tuple[Any, ...]:
        """Pickle the settings: connections don't travel, nor does the key."""
        return restore_client, (type(self), self._session.portable_settings())

    def __repr__(self) -> str:
        if "_session" not in vars(self):  # in the traceback of a setting that was refused
            return f"{type(self).__name__}(…)"
        return f"{type(self).__name__}(base_url={self.base_url!r})"
