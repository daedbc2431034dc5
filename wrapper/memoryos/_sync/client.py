# Written by tools/sync_from_async.py from _async/client.py: edit that file.
"""MemoryOS, the synchronous client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Mapping, Optional, Tuple, Type, TypeVar

from memoryos._imports import importing
from memoryos._local import AnyEmbedder, local_settings, local_transport
from memoryos._protocol import logging_setup
from memoryos._protocol.retries import Policy
from memoryos._protocol.secret import Secret
from memoryos._protocol.settings import change_settings, resolve_settings, restore_client

from .memories import Memories
from .raw_responses import RawMemoryOS
from .resources import Entities, SearchOperations, Tags
from .scoped import ScopedMemoryOS, scoped
from .session import Session
from .transport import Transport

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    import httpx
    from typing_extensions import Self

    from memoryos._transport.low_level import AuthenticatedClient

    from .in_process import LocalMemoryOS


Client = TypeVar("Client", bound="MemoryOS")


class MemoryOS(SearchOperations):
    """The synchronous client of Memory OS.

    Creating a client sends, opens and starts nothing. One client supports any number of concurrent
    calls. Close it when you no longer need it, or use it as a context manager.

    Args:
        api_key: The API key, which starts with `mos_`. Default: the environment variable
            `MEMORY_OS_API_KEY`.
        base_url: The API's address. Default: the environment variable `MEMORY_OS_BASE_URL`, else
            `https://api.mymemoryos.com/v1`.
        timeout: The maximum duration of one attempt, in seconds; more than 0.
        max_retries: The maximum number of retries; 0 or more.
        headers: Further headers for every request.
        deadline: The maximum duration of one call in seconds, with all attempts and waits. Default:
            no limit.
        http_client: An httpx client to send through, for settings that this client doesn't have.
            `close()` leaves it open. A client of the package httpx2 works, too.
        ssl_context: Verifies the service's certificate. Default: the certificates in
            `SSL_CERT_FILE` or `SSL_CERT_DIR`, or else certifi's.

    Raises:
        AuthenticationError: The key is missing, blank or malformed.
        ValidationError: Another argument is invalid.
        TypeError: `http_client` is not an httpx client of this kind.

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
    """List and create the entities that memories refer to."""

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
        del api_key, headers  # some tracebacks show local variables
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
        """Return a client of a Memory OS inside this process, without a key or a network.

        It needs the extra `local`. The first call opens the file. Other clients and processes,
        `memoryos serve` too, can use it at the same time.

        Args:
            path: The file with the memories, or `":memory:"`. Default: a file in the user's data
                folder.
            embedder: Computes embeddings: a name as in `memoryos serve --embedder`, a function from
                a list of texts to a list of vectors, or an embedder of `memoryos_server.embedders`.
                `"none"` searches by words. Default: the environment variable MEMORY_OS_EMBEDDER, or
                else a model on this machine, if it is installed.

        Raises:
            ImportError: The extra `local`, or a package that the embedder needs, is not installed.
                The message says what to install.
            ValidationError: The embedder doesn't exist.
        """
        return cls._on_transport(local_transport(path, embedder), path)

    @classmethod
    def _on_transport(cls: Type[Client], local: LocalMemoryOS, path: Optional[str]) -> Client:
        """Return a client that owns the transport of a local Memory OS on this file."""
        settings = local_settings(path)
        transport = Transport(settings.base_url, local=local)
        client = cls.__new__(cls)
        client._use(Session(settings, transport, Policy()))  # noqa: SLF001 - its own class
        return client

    @property
    def base_url(self) -> str:
        """The address of the API, without a trailing slash; `local://memoryos/v1` if local."""
        return self._session.settings.base_url

    @property
    def with_raw_response(self) -> RawMemoryOS:
        """The same methods, each returning a `RawResponse`.

        It has the status, the headers, the request id, the number of attempts, the time taken,
        `data` (the dict) and `parsed` (an object of the generated models).
        """
        return RawMemoryOS(self._session)

    @property
    def low_level(self) -> AuthenticatedClient:
        """The generated client, on this client's connections, key, retries and deadline.

        Use it for operations that have no method here. A response with an HTTP error status is
        returned as its model once the retries are used up; if no usable response comes, the
        function raises a `MemoryOSError`. Each access returns a new object: keep it in a variable.

        Example:
            >>> from memoryos_api.api.memories import list_memories
            >>> page = list_memories.sync(client=memory.low_level, limit=2)
        """
        with importing():
            from memoryos._transport.low_level import low_level_client

            from .low_level import LowLevelTransport

        transport = LowLevelTransport(self._session)
        return low_level_client(self._session.settings, transport)

    def with_options(
        self,
        *,
        timeout: Optional[float] = None,
        max_retries: Optional[int] = None,
        headers: Optional[Mapping[str, str]] = None,
        deadline: Optional[float] = None,
    ) -> Self:
        """Return a client with other settings that shares this client's connections.

        Omitted arguments stay as in this client. Closing the new client leaves the connections
        open; closing this client closes them for both.

        Args:
            timeout: The maximum duration of one attempt, in seconds; more than 0.
            max_retries: The maximum number of retries; 0 or more.
            headers: Further headers, besides this client's.
            deadline: The maximum duration of one call, in seconds.

        Raises:
            ValidationError: An argument is invalid.

        Examples:
            >>> memory.with_options(timeout=2, max_retries=0).search("Is the door locked?")
        """
        own_headers = Secret(headers)
        del headers  # some tracebacks show local variables
        settings = change_settings(
            self._session.settings,
            timeout=timeout,
            max_retries=max_retries,
            headers=own_headers,
            deadline=deadline,
        )
        client = type(self).__new__(type(self))
        client._use(self._session.with_settings(settings))  # noqa: SLF001 - its own class
        return client

    def scoped(self, /, **keys: str) -> ScopedMemoryOS:
        """Return a view of this client on the memories of one scope, such as one user.

        A scope separates the users of an application: what one stores, no other one finds. It is a
        set of tags, one per key, which are written with every memory and required of every memory
        that comes back. It is no authorization: whoever has the key can read all scopes.

        Args:
            **keys: What identifies the scope: any keys, each with a value that is not empty, such
                as `user="alice"`.

        Raises:
            ValidationError: There are no keys, or a value is empty or not a string.

        Examples:
            >>> alice = memory.scoped(user="alice", agent="support")
            >>> alice.memories.create("Prefers mornings")
            >>> found = alice.search("When does she work?")
        """
        return scoped(self._session, keys)

    def close(self) -> None:
        """Close the connections. Later calls raise `APIConnectionError`."""
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
        """Pickle the settings, without the connections and the key."""
        return restore_client, (type(self), self._session.portable_settings())

    def __repr__(self) -> str:
        if "_session" not in vars(self):  # in the traceback of an invalid setting
            return f"{type(self).__name__}(…)"
        settings = self._session.settings
        if settings.local_path is not None:
            return f"{type(self).__name__}.local({settings.local_path!r})"
        return f"{type(self).__name__}(base_url={settings.base_url!r})"
