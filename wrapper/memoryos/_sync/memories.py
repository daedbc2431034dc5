# Written by tools/sync_from_async.py from _async/memories.py: edit that file.
"""The resource `memories`: what stores under an id of your own, or a position in a conversation.

What is stored there already is looked up first, so that it isn't stored twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Mapping, Optional, Sequence, Union

from memoryos._imports import importing
from memoryos._protocol.validation import check

from . import emulation
from .bulk import BulkOperations

if TYPE_CHECKING:
    from datetime import datetime

    from memoryos._bulk.messages import MessagesReport
    from memoryos.types import Memory, MemoryNature, Tier

_OWN_KEY = {"type": "string", "minLength": 1}


class Memories(BulkOperations):
    """Create, list, get, update and delete memories, one or many."""

    def find(self, *, external_id: str) -> Optional[Memory]:
        """Return the newest memory with this external id, or None if there is none.

        The look-up is no access: it changes neither counts nor relevance. A service without the
        feature `filters` can't look it up, so that all memories are listed until it is found.

        Args:
            external_id: Your own id for the memory; at least one character.

        Returns:
            The memory, as a dict, or None.

        Raises:
            ValidationError: The argument is not such a string; nothing was sent.
            MemoryOSError: A call failed; see `memoryos.exceptions`.

        Examples:
            >>> note = memory.memories.find(external_id="note-4711")
        """
        check("external_id", external_id, _OWN_KEY)
        return emulation.find(self._session, external_id)

    def upsert(
        self,
        *,
        external_id: str,
        content: str,
        tier: Optional[Tier] = None,
        content_type: Optional[str] = None,
        memory_nature: Optional[MemoryNature] = None,
        parent_memory_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        source_id: Optional[str] = None,
        importance_score: Optional[float] = None,
        tags: Optional[Sequence[str]] = None,
        expires_at: Optional[Union[str, datetime]] = None,
    ) -> Memory:
        """Store a memory under an id of your own: update the one with this id, or create it.

        If several memories have the id, the newest is updated. Arguments that are left out keep
        their values. If nothing differs, nothing is changed, `updated_at` neither, and nothing is
        embedded.

        On a service with the feature `upsert`, such as the local Memory OS, this is atomic. On
        others it is not: the memory is looked up as by `find`, and then updated or created, so that
        two calls at the same time may create two.

        Args:
            external_id: Your own id for the memory; at least one character.
            content: The text to remember; at least one character.
            tier: How long to keep it: `short`, `medium` or `long`. A new memory is `short` by
                default.
            content_type: `text`, `conversation`, `document`, `event` or `fact`. A new memory is
                `text` by default.
            memory_nature: `episodic` for events, `semantic` for facts.
            parent_memory_id: The UUID of the parent memory.
            metadata: Any JSON object, which replaces the old one; the old `tags` and `entities`
                stay unless it names them.
            source_id: Where the memory comes from.
            importance_score: The importance, from 0 to 1.
            tags: The names of all tags, in addition to those in the given `metadata`.
            expires_at: When the memory expires: a datetime with a time zone or a time of RFC 3339,
                in the future. Needs a service with the feature `expires-at`.

        Returns:
            The memory as it is now, as a dict.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            NotSupportedError: The service lacks a feature that an argument needs, or without
                `upsert` can't change `content_type`, `parent_memory_id` or `source_id`.
            MemoryOSError: A call failed; see `memoryos.exceptions`.

        Examples:
            >>> memory.memories.upsert(external_id="note-4711", content="Milk, bread, eggs")
        """
        arguments = locals()
        check("external_id", external_id, _OWN_KEY)
        return emulation.upsert(self._session, arguments)

    def add_messages(
        self,
        messages: Iterable[Mapping[str, Any]],
        session: str,
        *,
        start: Optional[int] = 0,
        on_conflict: str = "error",
        tier: Tier = "long",
        tags: Optional[Sequence[str]] = None,
        metadata: Optional[Mapping[str, Any]] = None,
    ) -> MessagesReport:
        """Store the messages of a conversation, each as a memory, in order, one after another.

        Each message has a position in its session. What is stored already is skipped, so the call
        is safe to repeat at any time: pass all messages again, or only new ones with their `start`.
        A memory that was deleted is stored again. The messages of a session are found by their
        metadata; a service that can't list by metadata is asked for all conversations.

        Memories have the content type `conversation`, the text `Speaker: text`, the external id
        `session#position`, and the metadata `session`, `position`, `speaker`, `role`, and `at`
        where the message has a time. Messages of the roles `system`, `developer` and `tool`, and
        messages without text, are left out, but have positions.

        Args:
            messages: Dicts with `role` and `content`, a text or a list of parts, as chat APIs take
                them. `name` may name the speaker; `created_at` or `timestamp` may say when a
                message was sent: a datetime with a time zone, a time of RFC 3339 or the seconds
                since 1970.
            session: The conversation's name. Conversations of different users need different names,
                unless each user has a scope.
            start: The position of the first message. None adds the messages after the last one that
                is stored; repeating such a call stores them again.
            on_conflict: What to do if another message is stored at a position: `error` raises an
                error before anything is stored, `skip` keeps what is stored, `update` replaces its
                text, speaker, role and time, and keeps its tier, tags and other metadata.
            tier: How long to keep the messages: `short`, `medium` or `long`.
            tags: The names of tags for each new message.
            metadata: Further metadata for each new message.

        Returns:
            The memories `stored` and `updated`, the number `skipped`, the messages `left_out`, and
            the `next_position`.

        Raises:
            ValidationError: An argument is invalid; nothing was sent.
            ConflictError: Another message is stored at a position; nothing was stored.
            MemoryOSError: A call failed; see `memoryos.exceptions`. `details` contains the
                `position` of the message, and the numbers of memories `stored` and `updated`
                before.

        Examples:
            >>> messages = [{"role": "user", "content": "I moved to Lisbon"}]
            >>> report = memory.memories.add_messages(messages, session="chat-1")
            >>> report.next_position
            1
        """
        with importing():
            from memoryos._bulk.messages import CONTENT_TYPE, MessagePlan

            from .messages import add_messages
        common = {"tier": tier, "tags": tags, "metadata": metadata}
        plan = MessagePlan(messages, session, start, on_conflict, common)
        stored = self.iterate(content_type=CONTENT_TYPE, metadata={"session": plan.session})
        return add_messages(plan, stored, self.update, self.create_many)
