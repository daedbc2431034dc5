"""The service: one method per operation of the contracts, without HTTP."""

# ruff: noqa: ARG002 - all operations have the same parameters

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from memoryos_server.embedders import default_embedder
from memoryos_server.embedders.hashing_embedder import HashingEmbedder
from memoryos_server.embedders.protocol import address_of
from memoryos_server.embedders.store_checked import StoreCheckedEmbedder
from memoryos_server.model.caller import DEFAULT_OWNER, Caller
from memoryos_server.model.permissions import DEFAULT_PERMISSIONS
from memoryos_server.model.timestamps import utc_now
from memoryos_server.per_process import PerProcess, importing
from memoryos_server.stores.database_url import is_address
from memoryos_server.stores.factory import open_store

from .access_log import AccessLog
from .admin_keys import AdminKeys
from .api_keys import APIKeys
from .memories import Memories
from .results import Result
from .tags_and_entities import TagsAndEntities

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from memoryos_server.embedders import Embedder
    from memoryos_server.model.records import KeyRecord
    from memoryos_server.search.lexical_retriever import Retriever
    from memoryos_server.stores.protocol import Store
    from memoryos_server.stores.store_state import StoreState

    from .search import Search

    Parameters = Mapping[str, Any]
    Body = dict[str, Any]
    Names = Collection[str]

__all__ = ["Result", "Service", "open_service"]

MAX_PYTHON_THREADS = 2
"""How many threads are useful where nothing waits for another process or computes with a model.

One prepares while the other writes; more take Python's global lock from one another.
"""


def _new_uuid() -> str:
    return str(uuid4())


class Service:
    """The operations of a Memory OS. Thread-safe.

    Every operation takes the authenticated caller, the parameters by name and the body or None,
    both valid according to the contract and with its defaults filled in, and the names of the
    body's fields that were filled in. It returns a `Result` and raises `ServiceError`.

    Args:
        store: The store; `close` closes it.
        embedder: Computes vectors, or None to search by words alone.
        clock: Returns the current time with its time zone.
        new_id: Returns a new UUID.
        useful_threads: How many threads do more than fewer of them, or None for any number.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder | None,
        *,
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], str] = _new_uuid,
        useful_threads: int | None = None,
    ) -> None:
        self.useful_threads = useful_threads
        self._store = store
        self._access_log = AccessLog(store)
        self._keys = APIKeys(store, clock)
        self._admin_keys = AdminKeys(self._keys, clock)
        self._tags_and_entities = TagsAndEntities(store, clock, new_id)
        self._memories = Memories(store, embedder, self._access_log, clock, new_id)
        # Created by the first search: its modules take longer to import than a list takes.
        self._search = PerProcess(partial(_new_search, store, embedder, self._access_log, clock))

    def create_memory(
        self, caller: Caller, parameters: Parameters, body: Body, defaulted: Names = ()
    ) -> Result:
        """POST /memories."""
        return self._memories.create(caller, parameters, body, defaulted)

    def list_memories(
        self, caller: Caller, parameters: Parameters, body: None = None, defaulted: Names = ()
    ) -> Result:
        """GET /memories."""
        return self._memories.list(caller, parameters)

    def get_memory(
        self, caller: Caller, parameters: Parameters, body: None = None, defaulted: Names = ()
    ) -> Result:
        """GET /memories/{memory_id}."""
        return self._memories.get(caller, parameters)

    def update_memory(
        self, caller: Caller, parameters: Parameters, body: Body, defaulted: Names = ()
    ) -> Result:
        """PATCH /memories/{memory_id}."""
        return self._memories.update(caller, parameters, body)

    def delete_memory(
        self, caller: Caller, parameters: Parameters, body: None = None, defaulted: Names = ()
    ) -> Result:
        """DELETE /memories/{memory_id}."""
        return self._memories.delete(caller, parameters)

    def search_memories(
        self, caller: Caller, parameters: Parameters, body: Body, defaulted: Names = ()
    ) -> Result:
        """POST /search."""
        return self._search.get().search(caller, body)

    def get_context(
        self, caller: Caller, parameters: Parameters, body: Body, defaulted: Names = ()
    ) -> Result:
        """POST /context."""
        return self._search.get().context(caller, body)

    def list_tags(
        self, caller: Caller, parameters: Parameters, body: None = None, defaulted: Names = ()
    ) -> Result:
        """GET /tags."""
        return self._tags_and_entities.list_tags(caller, parameters)

    def list_entities(
        self, caller: Caller, parameters: Parameters, body: None = None, defaulted: Names = ()
    ) -> Result:
        """GET /entities."""
        return self._tags_and_entities.list_entities(caller, parameters)

    def create_entity(
        self, caller: Caller, parameters: Parameters, body: Body, defaulted: Names = ()
    ) -> Result:
        """POST /entities."""
        return self._tags_and_entities.create_entity(caller, parameters, body)

    def create_api_key(
        self, caller: Caller, parameters: Parameters, body: Body, defaulted: Names = ()
    ) -> Result:
        """POST /keys of the administration."""
        return self._admin_keys.create(caller, body)

    def list_api_keys(
        self, caller: Caller, parameters: Parameters, body: None = None, defaulted: Names = ()
    ) -> Result:
        """GET /keys of the administration."""
        return self._admin_keys.list(caller, parameters)

    def revoke_api_key(
        self, caller: Caller, parameters: Parameters, body: None = None, defaulted: Names = ()
    ) -> Result:
        """DELETE /keys/{key_id} of the administration."""
        return self._admin_keys.revoke(caller, parameters)

    def check_embedder(self) -> None:
        """Check that the stored vectors come from this service's embedder.

        Raises:
            ServiceError: Another embedder computed them, or the store is unusable.
        """
        self._store.check_embedder()

    def store_state(self) -> StoreState:
        """Return the state of the store as it is now.

        Raises:
            ServiceError: The store can't be read, or it could be written and can't any more.
        """
        return self._store.state()

    def statistics(self) -> dict[str, float]:
        """Return numbers of the store for monitoring, by name; see `Store.statistics`."""
        return self._store.statistics()

    def authenticate(self, key: str) -> Caller | None:
        """Return the caller of an API key, or None if it is unknown, expired or revoked."""
        return self._keys.authenticate(key)

    def create_key(
        self,
        *,
        owner: str = DEFAULT_OWNER,
        scopes: Iterable[str] = DEFAULT_PERMISSIONS,
        expires_at: datetime | None = None,
        name: str | None = None,
        scope: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """Create an API key and return it. Only its hash is stored.

        Args:
            owner: Owner of the memories that the key gives access to.
            scopes: Permissions of the key.
            expires_at: Expiry time with a time zone, or None for a key that doesn't expire.
            name: Name for people, or None.
            scope: Keys and values, such as `{"user": "alice"}`: the key gives access only to
                memories with their tags, and adds these to the memories that it stores.

        Raises:
            ValueError: A permission doesn't exist, `expires_at` has no time zone, or `scope` is too
                large or has an empty key or value.
        """
        return self._keys.create(
            owner=owner, scopes=scopes, expires_at=expires_at, name=name, scope=scope
        )

    def create_first_key(self, publish: Callable[[str], None], *, name: str) -> str | None:
        """Create an API key of the default owner if there has never been a key.

        Args:
            publish: Called with the key before it becomes valid, maybe more than once. If it raises
                an error, there is no key.
            name: Name for people.

        Returns:
            The key, or None if there was one.
        """
        return self._keys.create_first(publish, name=name)

    def list_keys(self) -> list[KeyRecord]:
        """Return the records of all API keys, oldest first. They don't contain the keys."""
        return self._keys.list()

    def revoke_key(self, key_id: str) -> KeyRecord:
        """Revoke an API key, with immediate effect in every process that uses the store.

        Args:
            key_id: The `KeyRecord.id`.

        Returns:
            The record before the call.

        Raises:
            ServiceError: 404, if no key has this ID.
        """
        return self._keys.revoke(key_id)

    def close(self) -> None:
        """Write pending accesses and close the store. Idempotent."""
        self._access_log.close()
        self._store.close()


def open_service(
    path: str | Path,
    *,
    embedder: Embedder | Literal["default"] | None = "default",
    sync: Literal["normal", "full"] = "normal",
    may_create: bool = True,
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], str] = _new_uuid,
) -> Service:
    """Return a service on a database, which the first call opens or creates.

    Args:
        path: SQLite file, `":memory:"`, or the URL of a PostgreSQL database (`postgresql://…`).
            Missing folders of a file are created, accessible only to this user.
        embedder: `"default"` for the best installed embedder, or None for none.
        sync: `"full"` makes acknowledged writes to a file survive a power failure, `"normal"` only
            the end of the process.
        may_create: Whether to create the tables of a PostgreSQL database that has none.
        clock: Returns the current time with its time zone.
        new_id: Returns a new UUID.

    Raises:
        MissingStoreError: The packages for PostgreSQL aren't installed.
    """
    chosen = default_embedder() if embedder == "default" else embedder
    name = None if chosen is None else chosen.name
    store = open_store(path, embedder=name, sync=sync, may_create=may_create)
    if chosen is not None and address_of(chosen) is not None:
        chosen = StoreCheckedEmbedder(chosen, store.check_embedder)
    is_fast = chosen is None or isinstance(chosen, HashingEmbedder)
    threads = MAX_PYTHON_THREADS if is_fast and not is_address(str(path)) else None
    return Service(store, chosen, clock=clock, new_id=new_id, useful_threads=threads)


def _new_search(
    store: Store, embedder: Embedder | None, access_log: AccessLog, clock: Callable[[], datetime]
) -> Search:
    with importing():
        from .search import Search

        retriever = _retriever(store, embedder)
    return Search(store, retriever, access_log, clock)


def _retriever(store: Store, embedder: Embedder | None) -> Retriever:
    if embedder is None:
        from memoryos_server.search.lexical_retriever import LexicalRetriever

        return LexicalRetriever(store)
    # NumPy is only installed with an embedder.
    from memoryos_server.search.hybrid_retriever import HybridRetriever

    return HybridRetriever(store, embedder)
