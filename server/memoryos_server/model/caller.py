"""Who calls, as authentication found out."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_OWNER", "DEFAULT_SCOPES", "Caller"]

DEFAULT_OWNER = "default"
"""The owner that `MemoryOS.local(path)` and `memoryos serve` share."""

DEFAULT_SCOPES = ("memories:read", "memories:write", "search:read")
"""The scopes of a key that is made without naming any."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner whose memories are in reach, the scopes of the key, and what the key is called.

    `key_id` is empty where nobody needed a key.
    """

    owner: str
    scopes: frozenset[str]
    key_id: str = ""
