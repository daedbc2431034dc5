"""Memory OS without HTTP: one method per operation of the contract."""

# ruff: noqa: ARG002 - every operation is called alike, whatever it uses

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from memoryos_server.embedders import default_embedder
from memoryos_server.embedders.protocol import address_of
from memoryos_server.embedders.store_checked import StoreCheckedEmbedder
from memoryos_server.model.caller import DEFAULT_OWNER, DEFAULT_SCOPES, Caller
from memoryos_server.model.timestamps import utc_now
from memoryos_server.search.lexical_retriever import Finder, TextFinder
from memoryos_server.stores.factory import open_store

from .access_log import AccessLog
from .api_keys import Keys
from .memories import Memories
from .results import Answer
from .search import Retrieval
from .tags_and_entities import Labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from memoryos_server.embedders import Embedder
    from memoryos_server.model.records import KeyRecord
    from memoryos_server.stores.protocol import Store

__all__ = ["Answer", "Service", "open_service"]


def _new_uuid() -> str:
    return str(uuid4())


class Service:
    """What a Memory OS does, for callers that are authenticated and requests that are valid.

    Each operation takes the caller, the parameters by their names on the wire, and the body, or
    None; all of them checked against the contract, with its defaults filled in. It returns an
    `Answer` and raises `ServiceError`. Safe to share between threads.

    Args:
        store: where everything is kept; closed with the service.
        embedder: makes the vectors; without one, search is by words.
        clock: returns the present time, with its zone.
        new_id: returns a new UUID.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder | None,
        *,
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], str] = _new_uuid,
    ) -> None:
        self._store = store
        self._accesses = AccessLog(store)
        self._keys = Keys(store, clock)
        self._labels = Labels(store, clock, new_id)
        self._memories = Memories(store, embedder, self._accesses, clock, new_id)
        self._retrieval = Retrieval(store, _finder(store, embedder), self._accesses, clock)

    def create_memory(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]
    ) -> Answer:
        """POST /memories."""
        return self._memories.create(caller, parameters, body)

    def list_memories(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any] | None = None
    ) -> Answer:
        """GET /memories."""
        return self._memories.list(caller, parameters)

    def get_memory(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any] | None = None
    ) -> Answer:
        """GET /memories/{memory_id}."""
        return self._memories.get(caller, parameters)

    def update_memory(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]
    ) -> Answer:
        """PATCH /memories/{memory_id}."""
        return self._memories.update(caller, parameters, body)

    def delete_memory(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any] | None = None
    ) -> Answer:
        """DELETE /memories/{memory_id}."""
        return self._memories.delete(caller, parameters)

    def search_memories(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]
    ) -> Answer:
        """POST /search."""
        return self._retrieval.search(caller, body)

    def get_context(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]
    ) -> Answer:
        """POST /context."""
        return self._retrieval.context(caller, body)

    def list_tags(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any] | None = None
    ) -> Answer:
        """GET /tags."""
        return self._labels.list_tags(caller, parameters)

    def list_entities(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any] | None = None
    ) -> Answer:
        """GET /entities."""
        return self._labels.list_entities(caller, parameters)

    def create_entity(
        self, caller: Caller, parameters: Mapping[str, Any], body: dict[str, Any]
    ) -> Answer:
        """POST /entities."""
        return self._labels.create_entity(caller, parameters, body)

    def check_embedder(self) -> None:
        """Make sure that the stored vectors, if there are any, are this service's embedder's.

        Raises:
            ServiceError: they are another one's, or the store can't be used at all.
        """
        self._store.check_embedder()

    def authenticate(self, key: str) -> Caller | None:
        """Return who calls with the API key `key`, or None where it is not valid now."""
        return self._keys.authenticate(key)

    def create_key(
        self,
        *,
        owner: str = DEFAULT_OWNER,
        scopes: Iterable[str] = DEFAULT_SCOPES,
        expires_at: datetime | None = None,
        name: str | None = None,
    ) -> str:
        """Return a new API key, `mos_test_` and 32 characters; only its hash is stored.

        Args:
            owner: whose memories it opens.
            scopes: what it allows.
            expires_at: when it ends, with a time zone; None for never.
            name: what its owner calls it.

        Raises:
            ValueError: a scope does not exist, or `expires_at` has no time zone.
        """
        return self._keys.create(owner=owner, scopes=scopes, expires_at=expires_at, name=name)

    def list_keys(self) -> list[KeyRecord]:
        """Return what is known of all API keys, oldest first; the keys themselves are not."""
        return self._keys.every()

    def revoke_key(self, key_id: str) -> KeyRecord:
        """Refuse an API key from now on, in every process that serves the store.

        Args:
            key_id: its `KeyRecord.id`.

        Returns:
            What was known of it.

        Raises:
            ServiceError: with status 404, there is no such key.
        """
        return self._keys.revoke(key_id)

    def close(self) -> None:
        """Write what is pending, and give everything back. May be called again."""
        self._accesses.close()
        self._store.close()


def open_service(
    path: str | Path,
    *,
    embedder: Embedder | Literal["default"] | None = "default",
    sync: Literal["normal", "full"] = "normal",
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], str] = _new_uuid,
) -> Service:
    """Return the service on a file or a database, which its first call opens or makes.

    Args:
        path: the file, or `":memory:"` for none; missing folders are made, for this user only. Or
            the URL of a PostgreSQL database, which begins with `postgresql://`.
        embedder: `"default"` for the best one that is installed here, None for none.
        sync: `"full"` makes a write to a file survive a power loss; `"normal"`, the death of the
            process.
        clock: returns the present time, with its zone.
        new_id: returns a new UUID.

    Raises:
        MissingStoreError: the packages for a PostgreSQL database are not installed.
    """
    chosen = default_embedder() if embedder == "default" else embedder
    store = open_store(path, embedder=None if chosen is None else chosen.name, sync=sync)
    if chosen is not None and address_of(chosen) is not None:
        chosen = StoreCheckedEmbedder(chosen, store.check_embedder)
    return Service(store, chosen, clock=clock, new_id=new_id)


def _finder(store: Store, embedder: Embedder | None) -> Finder:
    if embedder is None:
        return TextFinder(store)
    # NumPy comes with embedders only; a service without one does without it.
    from memoryos_server.search.hybrid_retriever import SemanticFinder

    return SemanticFinder(store, embedder)
