"""Recalled memories as text for a model: as data, never as instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memoryos.prompts import _READ_AS_DATA, as_data

if TYPE_CHECKING:
    from memoryos.prompts import Memories

__all__ = ["recalled_text"]


def recalled_text(memories: Memories) -> str:
    """Return memories for a message of the user role; an empty text if there are none.

    No memory can close the tags that it stands between.

    Args:
        memories: The result of `get_context` or `search`, or a list of memories.
    """
    data = as_data(memories)
    return f"{_READ_AS_DATA}\n\n{data}" if data else ""
