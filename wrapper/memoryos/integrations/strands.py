"""Strands: Memory OS as a memory store of agents.

Needs the extra `strands` and Python 3.10 or newer. A Strands agent holds one conversation, and asks
its stores without saying for whom: make one store for each user.

Example:
    >>> from memoryos import AsyncMemoryOS
    >>> from memoryos.integrations.strands import MemoryOSMemoryStore, injected_text
    >>> store = MemoryOSMemoryStore(AsyncMemoryOS(), scope={"user": "alice"}, extraction=True)
    >>> manager = MemoryManager(stores=[store], injection={"format": injected_text})
    >>> agent = Agent(memory_manager=manager)
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Union
from uuid import uuid4

from memoryos._extras import missing_extra
from memoryos._protocol.argument_errors import invalid_argument

from ._clients import WRITE_DEADLINE, call, check_client
from ._recalled import recalled_text
from ._scopes import fixed
from ._texts import encodable, has_text, searchable
from ._unavailable import OUTAGES, unavailable, without_too_large

try:
    from strands.memory import MemoryEntry, MemoryStore
except ImportError as error:
    raise missing_extra("strands", "memoryos.integrations.strands", error) from None

if TYPE_CHECKING:
    from strands.memory.extraction.types import ExtractionConfig
    from strands.memory.types import AddMessagesContext, InjectionFormatContext, SearchOptions
    from strands.types.content import Message

    from memoryos.types import SearchResult

    from ._clients import Client

__all__ = ["MemoryOSMemoryStore", "injected_text"]

_DESCRIPTION = "What is remembered of this user from earlier conversations."
_DEFAULT_RESULTS = 5
_MAX_RESULTS = 100


class MemoryOSMemoryStore(MemoryStore):  # type: ignore[misc, unused-ignore]
    """The memories of one scope, such as a user, as a store of Strands' MemoryManager.

    `add` stores one text once: the same text again is the same memory. With `extraction=True`, the
    manager stores the messages of the conversation as they are; with an extractor, what that makes
    of them.

    While the service can't be reached, agents go on: a search returns one entry that says so, with
    `metadata={"unavailable": True}`, and the logger `memoryos.integrations` has a warning. Failed
    writes raise the error, which the manager logs, and tries messages again later.
    """

    def __init__(
        self,
        client: Client,
        *,
        scope: Mapping[str, str],
        name: str = "memoryos",
        description: Optional[str] = _DESCRIPTION,
        max_search_results: Optional[int] = _DEFAULT_RESULTS,
        writable: bool = True,
        extraction: Union[ExtractionConfig, bool, None] = None,
        threshold: float = 0.0,
        recall_deadline: float = 2.0,
    ) -> None:
        """Make a store.

        Args:
            client: An `AsyncMemoryOS`, or a `MemoryOS`, whose calls run in threads; or a view from
                its `scoped`. It stays yours to close.
            scope: Whose memories these are, such as `{"user": "alice"}`.
            name: Names the store among those of one manager.
            description: Tells the model what is in the store.
            max_search_results: The maximum number of memories that a search returns, from 1 to 100,
                unless it asks for another number.
            writable: Whether the agent may add memories.
            extraction: Whether, and how, the manager stores the conversation by itself; see
                `ExtractionConfig` of Strands.
            threshold: The minimum similarity of a memory, from 0 to 1. By default, a search returns
                the most similar ones, however similar they are.
            recall_deadline: The maximum duration of a search in seconds, with all attempts: the
                manager searches before the model is called.

        Raises:
            TypeError: `client` is no client.
            ValidationError: The scope is empty, or no mapping of texts to texts; or
                `recall_deadline` is not a number above 0.
        """
        check_client(client)
        keys = fixed(scope)
        self.name = name
        self.description = description
        self.max_search_results = max_search_results
        self.writable = writable
        self.extraction = extraction
        scoped = client.scoped(**keys)
        self._memories: Any = scoped.with_options(deadline=WRITE_DEADLINE).memories
        self._search: Any = scoped.with_options(deadline=recall_deadline).search
        self._threshold = threshold
        self._run = uuid4().hex

    async def search(
        self, query: str, options: Optional[SearchOptions] = None
    ) -> List[MemoryEntry]:
        """Return the memories that fit the query, the best first.

        Args:
            query: A question or a topic. Only its first 32,768 characters count.
            options: `max_search_results`, if it is to be another number than the store's. More than
                100 count as 100.
        """
        text = searchable(query)
        if not text:
            return []
        asked = (options or {}).get("max_search_results")
        wanted = self.max_search_results if asked is None else asked  # 0 is an error of `search`
        limit = min(_DEFAULT_RESULTS if wanted is None else wanted, _MAX_RESULTS)
        try:
            found = await call(
                self._search,
                text,
                threshold=self._threshold,
                limit=limit,
            )
        except OUTAGES as error:
            told = unavailable("recall memories", error)
            return [MemoryEntry(content=told, metadata={"unavailable": True})]
        return [_entry_of(result) for result in found["results"]]

    async def add(self, content: str, metadata: Optional[Dict[str, Any]] = None) -> str:
        """Store a text, unless the store has it already.

        Args:
            content: The text; more than white space.
            metadata: Comes back with the memory; replaces that of an equal text.

        Returns:
            The id of the memory.

        Raises:
            ValidationError: The text is empty, or the store is not writable.
            MemoryOSError: The service can't be reached.
        """
        self._check_writable()
        content = encodable(content)
        key = _key([content.strip()])
        return await self._upsert(key, content, "fact", metadata or {})

    async def add_messages(
        self, messages: List[Message], context: Optional[AddMessagesContext] = None
    ) -> List[str]:
        """Store the texts of messages, each once, however often the manager tries.

        Args:
            messages: Messages of one conversation. Those without a text are left out, and so are
                those that are too large, with a warning in the log.
            context: The numbers of the messages in the conversation.

        Returns:
            The ids of the memories.

        Raises:
            ValidationError: The store is not writable.
            MemoryOSError: The service can't be reached.
        """
        self._check_writable()
        numbers = (context.sequence_numbers if context else None) or range(len(messages))
        ids: List[str] = []
        for number, message in zip(numbers, messages):
            texts = (part["text"] for part in message["content"] if "text" in part)
            text = encodable("\n".join(texts))
            if has_text(text):
                # Two agents with one store number their messages alike: the text counts too.
                key = _key([self._run, number, message["role"], text])
                metadata = {"role": message["role"], "session": self._run}
                with without_too_large("remember a message"):
                    ids.append(await self._upsert(key, text, "conversation", metadata))
        return ids

    async def _upsert(
        self, key: str, content: str, content_type: str, metadata: Dict[str, Any]
    ) -> str:
        memory = await call(
            self._memories.upsert,
            external_id=key,
            content=content,
            content_type=content_type,
            metadata=metadata,
            tier="long",
        )
        return str(memory["id"])

    def _check_writable(self) -> None:
        if not self.writable:
            raise invalid_argument("the store", "", f"{self.name!r} is not writable")


def injected_text(context: InjectionFormatContext, **_options: Any) -> str:
    """Return memories as the text that the model reads: as data, never as instructions.

    For `MemoryManager(stores=[store], injection={"format": injected_text})`.
    """
    return recalled_text([{"content": entry.content} for entry in context.entries])


def _key(parts: List[Any]) -> str:
    return f"strands-{sha256(json.dumps(parts).encode()).hexdigest()}"


def _entry_of(result: SearchResult) -> MemoryEntry:
    own = {
        "id": result["id"],
        "created_at": result["created_at"],
        "score": result["combined_score"],
    }
    metadata = {key: value for key, value in result["metadata"].items() if key != "tags"}
    return MemoryEntry(content=result["content"], metadata={**metadata, **own})
