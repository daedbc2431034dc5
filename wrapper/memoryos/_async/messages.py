"""Store the messages of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memoryos._bulk.messages import CONTENT_TYPE

if TYPE_CHECKING:
    from memoryos._bulk.messages import MessageChanges, MessagePlan, MessagesReport

    from .bulk import AsyncMemories


async def add_messages(memories: AsyncMemories, plan: MessagePlan) -> MessagesReport:
    """Read what is stored of a session, and store what is missing.

    Args:
        memories: The memories, of a scope or of all.
        plan: The messages.

    Raises:
        ConflictError: Messages differ from those that are stored.
        MemoryOSError: A call failed. `details` contains what was done before.
    """
    stored: Any = memories.iterate(content_type=CONTENT_TYPE, metadata={"session": plan.session})
    try:
        if not plan.knows_all:
            async for memory in stored:
                plan.learn(memory)
                if plan.knows_all:
                    break
    finally:
        await stored.aclose()
    changes = plan.changes()
    await _update(memories, changes)
    await _create(memories, changes)
    return changes.report


async def _update(memories: AsyncMemories, changes: MessageChanges) -> None:
    for update in changes.updates:
        with changes.sending(update):
            changes.report.updated.append(await memories.update(**update))


async def _create(memories: AsyncMemories, changes: MessageChanges) -> None:
    """Create memories one after another, until one fails.

    Not by `create`: a service that remembers the key of a deleted memory would return that one.
    """
    results: Any = memories.create_many(changes.creations, concurrency=1)
    try:
        async for result in results:
            with changes.sending(result.item):
                if result.error is not None:
                    raise result.error
            changes.report.stored.append(result.memory)
    finally:
        await results.aclose()
