"""Store the messages of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Coroutine

if TYPE_CHECKING:
    from memoryos._bulk.create_results import CreateResult
    from memoryos._bulk.messages import MessageChanges, MessagePlan, MessagesReport
    from memoryos.types import Memory


async def add_messages(
    plan: MessagePlan,
    stored: AsyncIterator[Memory],
    update: Callable[..., Coroutine[Any, Any, Memory]],
    create_many: Callable[..., AsyncIterator[CreateResult]],
) -> MessagesReport:
    """Read what is stored of a session, and store what is missing.

    Args:
        plan: The messages.
        stored: The memories among which are those of the session.
        update: The method of that name.
        create_many: The method of that name.

    Raises:
        ConflictError: Messages differ from those that are stored.
        MemoryOSError: A call failed. `details` contains what was done before.
    """
    await _learn(plan, stored)
    changes = plan.changes()
    for arguments in changes.updates:
        with changes.sending(arguments):
            changes.report.updated.append(await update(**arguments))
    # Not by `create`: a service that remembers the key of a deleted memory would return that one.
    await _create(changes, create_many(changes.creations, concurrency=1))
    return changes.report


async def _learn(plan: MessagePlan, stored: Any) -> None:
    try:
        if not plan.knows_all:
            async for memory in stored:
                plan.learn(memory)
                if plan.knows_all:
                    break
    finally:
        await stored.aclose()


async def _create(changes: MessageChanges, results: Any) -> None:
    """Create memories one after another, until one fails."""
    try:
        async for result in results:
            with changes.sending(result.item):
                if result.error is not None:
                    raise result.error
            changes.report.stored.append(result.memory)
    finally:
        await results.aclose()
