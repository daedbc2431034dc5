"""Google ADK: Memory OS as the memory service of agents.

Needs the extra `google-adk` and Python 3.10 or newer. Each user of each application has memories of
their own: ADK's application and user are the scope `{"app": app_name, "user": user_id}`.

Example:
    >>> from memoryos import AsyncMemoryOS
    >>> from memoryos.integrations.google_adk import MemoryOSMemoryService
    >>> memory_service = MemoryOSMemoryService(AsyncMemoryOS())
    >>> runner = Runner(agent=agent, memory_service=memory_service, ...)

For `adk web --memory_service_uri=memoryos://`, put a `services.py` beside the agents:

    from memoryos.integrations.google_adk import register

    register()
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Set
from urllib.parse import urlsplit

from memoryos import AsyncMemoryOS
from memoryos._extras import missing_extra
from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos.exceptions import NotFoundError, ValidationError

from ._clients import WRITE_DEADLINE, call, check_client, collect
from ._scopes import resolve
from ._texts import encodable, has_text, searchable
from ._unavailable import OUTAGES, unavailable, without_too_large

try:
    from google.adk.memory.base_memory_service import BaseMemoryService, SearchMemoryResponse
    from google.adk.memory.memory_entry import MemoryEntry
    from google.genai import types
except ImportError as error:
    raise missing_extra("google-adk", "memoryos.integrations.google_adk", error) from None

if TYPE_CHECKING:
    from google.adk.events.event import Event
    from google.adk.sessions.session import Session

    from memoryos.types import Memory, SearchResult

    from ._clients import Client

__all__ = ["MemoryOSMemoryService", "from_uri", "register"]

SCHEME = "memoryos"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_URI_RULE = (
    "must be memoryos://, for the service of the environment, or memoryos://HOST/PATH, without a "
    "key: that comes from MEMORY_OS_API_KEY"
)

_NO_SESSION = "-"
_FORGOTTEN = "An event that was deleted from memory, and is not to be added again."
# ADK shows a model the memories between these marks, as they are: no memory may close them.
_MARKS = re.compile(r"<(?=\s*/?\s*PAST_CONVERSATIONS)", re.IGNORECASE)
_OWN_KEYS = ("author", "role", "tags", "timestamp")


class MemoryOSMemoryService(BaseMemoryService):  # type: ignore[misc, unused-ignore]
    """Stores the events of sessions as memories, and searches them by meaning.

    A session may be added as often as you like, at any time: each of its events is stored once, and
    one that was deleted stays deleted. Stored are the texts of an event, without the thoughts of
    the model; events without a text are left out.

    While the service can't be reached, agents go on. A search returns one entry that says so, with
    `custom_metadata={"unavailable": True}`, and events are left out, with a warning of the logger
    `memoryos.integrations`: those of a session are stored when it is added again. `add_memory` and
    `delete_memory` raise the error.
    """

    def __init__(
        self,
        client: Client,
        *,
        limit: int = 10,
        threshold: float = 0.0,
        recall_deadline: float = 5.0,
    ) -> None:
        """Make a memory service.

        Args:
            client: An `AsyncMemoryOS`, or a `MemoryOS`, whose calls run in threads; or a view from
                its `scoped`. It stays yours to close.
            limit: The maximum number of memories that a search returns, from 1 to 100.
            threshold: The minimum similarity of a memory, from 0 to 1. By default, a search returns
                the most similar ones, however similar they are.
            recall_deadline: The maximum duration of a search in seconds, with all attempts: ADK may
                search before each call of the model.

        Raises:
            TypeError: `client` is no client.
            ValidationError: `recall_deadline` is not a number above 0.
        """
        check_client(client)
        self._client: Any = client.with_options(deadline=WRITE_DEADLINE)
        self._recalling: Any = client.with_options(deadline=recall_deadline)
        self._limit = limit
        self._threshold = threshold

    async def add_session_to_memory(self, session: Session) -> None:
        """Store the events of a session that are not stored yet."""
        await self.add_events_to_memory(
            app_name=session.app_name,
            user_id=session.user_id,
            events=session.events,
            session_id=session.id,
        )

    async def add_events_to_memory(
        self,
        *,
        app_name: str,
        user_id: str,
        events: Sequence[Event],
        session_id: Optional[str] = None,
        custom_metadata: Optional[Mapping[str, object]] = None,
    ) -> None:
        """Store those of the events that are not stored yet.

        Args:
            app_name: The application.
            user_id: The user.
            events: The events, all of a session or some of them.
            session_id: Their session.
            custom_metadata: Becomes part of the metadata of each memory.
        """
        session = session_id or _NO_SESSION
        memories = _scoped(self._client, app_name, user_id).memories
        given = {_key(session, event.id): event for event in events if _text_of(event.content)}
        try:
            known = await _keys_of(memories, session)
            known |= await _keys_of(_forgotten(self._client, app_name, user_id).memories, session)
            for key in [key for key in given if key not in known]:
                fields = _fields_of(given[key], session, custom_metadata or {})
                with without_too_large("store an event"):
                    await call(memories.upsert, external_id=key, **fields)
        except OUTAGES as error:
            unavailable("store the events of a session", error)

    async def add_memory(
        self,
        *,
        app_name: str,
        user_id: str,
        memories: Sequence[MemoryEntry],
        custom_metadata: Optional[Mapping[str, object]] = None,
    ) -> None:
        """Store memories. One with an id replaces the one that was added with that id.

        Args:
            app_name: The application.
            user_id: The user.
            memories: The memories; each has a text.
            custom_metadata: Becomes part of the metadata of each memory.

        Raises:
            ValidationError: A memory has no text; none was stored.
            MemoryOSError: The service can't be reached, or refused a memory.
        """
        scoped = _scoped(self._client, app_name, user_id)
        all_fields = [_fields_of_entry(entry, custom_metadata or {}) for entry in memories]
        for entry, fields in zip(memories, all_fields):
            if entry.id:
                key = _key("", entry.id)
                await call(scoped.memories.upsert, external_id=key, **fields)
            else:
                await call(scoped.memories.create, **fields)

    async def search_memory(
        self, *, app_name: str, user_id: str, query: str
    ) -> SearchMemoryResponse:
        """Return the memories of the user that fit the query, the best first.

        Args:
            app_name: The application.
            user_id: The user.
            query: A question or a topic. Only its first 32,768 characters count.
        """
        scoped = _scoped(self._recalling, app_name, user_id)
        text = searchable(query)
        if not text:
            return SearchMemoryResponse()
        try:
            found = await call(
                scoped.search,
                text,
                threshold=self._threshold,
                limit=self._limit,
            )
        except OUTAGES as error:
            told = _content("user", unavailable("recall memories", error))
            entry = MemoryEntry(content=told, custom_metadata={"unavailable": True})
            return SearchMemoryResponse(memories=[entry])
        return SearchMemoryResponse(memories=[_entry_of(result) for result in found["results"]])

    async def delete_memory(
        self, *, app_name: str, user_id: str, memory_id: Optional[str] = None
    ) -> None:
        """Delete a memory for good: adding its session again doesn't bring it back.

        Args:
            app_name: The application.
            user_id: The user.
            memory_id: The id of an entry that `search_memory` returned. Nothing happens if the user
                has no such memory.

        Raises:
            MemoryOSError: The service can't be reached.
        """
        scoped = _scoped(self._client, app_name, user_id)
        try:
            memory: Memory = await call(scoped.memories.get, memory_id)
        except (NotFoundError, ValidationError):
            return
        if memory["external_id"]:
            await call(
                _forgotten(self._client, app_name, user_id).memories.upsert,
                external_id=memory["external_id"],
                content=_FORGOTTEN,
                metadata={"session": memory["metadata"].get("session")},
                tier="long",
            )
        await call(scoped.memories.delete, memory_id)


def from_uri(uri: str, **_options: Any) -> MemoryOSMemoryService:
    """Return a memory service for a URI, as `adk web --memory_service_uri` takes it.

    Args:
        uri: `memoryos://` for the service and the key of the environment (MEMORY_OS_BASE_URL,
            MEMORY_OS_API_KEY), or `memoryos://HOST/PATH` for another service: over HTTPS, or over
            HTTP if the host is this machine.
        _options: What ADK passes besides; ignored.

    Raises:
        ValidationError: The URI is another, or contains a user, a query or a fragment.
    """
    parts = urlsplit(uri)
    has_more = "@" in parts.netloc or parts.query or parts.fragment
    if parts.scheme != SCHEME or has_more or (parts.path and not parts.netloc):
        raise invalid_argument("uri", shown(parts.scheme), _URI_RULE)
    if not parts.netloc:
        return MemoryOSMemoryService(AsyncMemoryOS())
    protocol = "http" if parts.hostname in _LOOPBACK else "https"
    return MemoryOSMemoryService(AsyncMemoryOS(base_url=f"{protocol}://{parts.netloc}{parts.path}"))


def register() -> None:
    """Make URIs of the scheme `memoryos` known to ADK, for `--memory_service_uri`."""
    from google.adk.cli.service_registry import get_service_registry

    get_service_registry().register_memory_service(SCHEME, from_uri)


def _scoped(client: Any, app_name: str, user_id: str) -> Any:
    """Return the user's own view of a client."""
    return client.scoped(**resolve({"app": app_name, "user": user_id}, None))


def _forgotten(client: Any, app_name: str, user_id: str) -> Any:
    """Return the view of the keys of deleted events, outside the user's memories.

    It names neither the user nor the application.
    """
    return client.scoped(adk_forgotten=_digest([app_name, user_id]))


async def _keys_of(memories: Any, session: str) -> Set[str]:
    stored = await collect(memories.iterate, metadata={"session": session})
    return {memory["external_id"] for memory in stored}


def _key(session: str, event_id: str) -> str:
    return f"adk-{_digest([session, event_id])}"


def _digest(texts: List[str]) -> str:
    return sha256(json.dumps(texts).encode()).hexdigest()


def _fields_of(event: Event, session: str, custom: Mapping[str, object]) -> Dict[str, Any]:
    metadata = {
        **custom,
        "author": event.author,
        "role": event.content.role if event.content else None,
        "session": session,
        "timestamp": event.timestamp,
    }
    return {
        "content": _text_of(event.content),
        "content_type": "conversation",
        "tier": "long",
        "metadata": metadata,
    }


def _fields_of_entry(entry: MemoryEntry, custom: Mapping[str, object]) -> Dict[str, Any]:
    text = _text_of(entry.content)
    if not text:
        raise invalid_argument("memories", "one without", "must each have a text")
    own = {"author": entry.author, "role": entry.content.role, "timestamp": entry.timestamp}
    metadata = {**entry.custom_metadata, **custom}
    metadata.update((key, value) for key, value in own.items() if value is not None)
    return {"content": text, "content_type": "fact", "tier": "long", "metadata": metadata}


def _text_of(content: Optional[types.Content]) -> str:
    parts = (content.parts if content else None) or []
    text = encodable(" ".join(part.text for part in parts if part.text and not part.thought))
    return text if has_text(text) else ""


def _entry_of(result: SearchResult) -> MemoryEntry:
    metadata = result["metadata"]
    text = _MARKS.sub("&lt;", result["content"])
    return MemoryEntry(
        id=result["id"],
        content=_content(_text_in(metadata, "role") or "user", text),
        author=_text_in(metadata, "author"),
        timestamp=_time_of(metadata.get("timestamp")) or result["created_at"],
        custom_metadata={key: metadata[key] for key in metadata if key not in _OWN_KEYS},
    )


def _content(role: str, text: str) -> types.Content:
    return types.Content(role=role, parts=[types.Part(text=text)])


def _text_in(metadata: Mapping[str, Any], key: str) -> Optional[str]:
    value = metadata.get(key)
    return value if isinstance(value, str) else None


def _time_of(timestamp: Any) -> Optional[str]:
    """Return a timestamp as ADK's own services write it."""
    if isinstance(timestamp, (int, float)):
        with suppress(ValueError, OverflowError, OSError):  # a number that is no time
            return datetime.fromtimestamp(timestamp).isoformat()  # noqa: DTZ006
    return timestamp if isinstance(timestamp, str) else None
