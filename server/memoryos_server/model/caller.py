"""The authenticated caller of an operation."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_OWNER", "Caller"]

DEFAULT_OWNER = "default"
"""The owner that `MemoryOS.local(path)` and `memoryos serve` share."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of an operation.

    Attributes:
        owner: The owner whose memories the caller can access.
        permissions: The permissions of the API key.
        key_id: ID of the API key, or an empty string for in-process calls.
    """

    owner: str
    permissions: frozenset[str]
    key_id: str = ""
