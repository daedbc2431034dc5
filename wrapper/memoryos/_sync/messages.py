# Written by tools/sync_from_async.py from _async/messages.py: edit that file.
"""Store the messages of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterator

if TYPE_CHECKING:
    from memoryos._bulk.create_results import CreateResult
    from memoryos._bulk.messages import MessageChanges, MessagePlan, MessagesReport
    from memoryos.types import Memory


def add_messages(
    plan: MessagePlan,
    stored: Iterator[Memory],
    update: Callable[..., Memory],
    create_many: Callable[..., Iterator[CreateResult]],
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
    _learn(plan, stored)
    changes = plan.changes()
    for arguments in changes.updates:
        with changes.sending(arguments):
            changes.report.updated.append(update(**arguments))
    # Not by `create`: a service that remembers the key of a deleted memory would return that one.
    _create(changes, create_many(changes.creations, concurrency=1))
    return changes.report


def _learn(plan: MessagePlan, stored: Any) -> None:
    try:
        if not plan.knows_all:
            for memory in stored:
                plan.learn(memory)
                if plan.knows_all:
                    break
    finally:
        stored.close()


def _create(changes: MessageChanges, results: Any) -> None:
    """Create memories one after another, until one fails."""
    try:
        for result in results:
            with changes.sending(result.item):
                if result.error is not None:
                    raise result.error
            changes.report.stored.append(result.memory)
    finally:
        results.close()
