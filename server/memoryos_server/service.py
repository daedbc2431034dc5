"""Memory OS without HTTP: one method per operation of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .answer import Answer
from .caller import DEFAULT_OWNER, DEFAULT_SCOPES, Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from .embedders import Embedder

__all__ = ["Answer", "Service", "open_service"]

Parameters = "Mapping[str, Any]"
Body = "dict[str, Any] | None"


class Service:
    """Interface first; the implementation follows in the next commits."""

    def create_memory(self, caller: Caller, parameters: Parameters, body: Body) -> Answer:
        raise NotImplementedError

    list_memories = get_memory = update_memory = delete_memory = create_memory
    search_memories = get_context = create_memory
    list_tags = list_entities = create_entity = create_memory

    def authenticate(self, key: str) -> Caller | None:
        raise NotImplementedError

    def create_key(
        self,
        *,
        owner: str = DEFAULT_OWNER,
        scopes: Iterable[str] = DEFAULT_SCOPES,
        expires_at: datetime | None = None,
        name: str | None = None,
    ) -> str:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def open_service(
    path: str | Path,
    *,
    embedder: Embedder | Literal["default"] | None = "default",
    sync: Literal["normal", "full"] = "normal",
    clock: Callable[[], datetime] | None = None,
    new_id: Callable[[], str] | None = None,
) -> Service:
    """Return the service on the file at `path`, or in memory for `":memory:"`."""
    raise NotImplementedError
