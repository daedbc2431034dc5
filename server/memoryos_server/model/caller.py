"""The authenticated caller of an operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .permissions import ALL_PERMISSIONS
from .records import Selection

if TYPE_CHECKING:
    from datetime import datetime

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
        scope_tags: The tags of the API key: the caller reads and writes only memories with them.
        expires_at: When the API key expires, or None for a key that doesn't.
    """

    owner: str
    permissions: frozenset[str]
    key_id: str = ""
    scope_tags: tuple[str, ...] = ()
    expires_at: datetime | None = None

    def may(self, permission: str) -> bool:
        """Return whether the caller has a permission."""
        return permission in self.permissions or ALL_PERMISSIONS in self.permissions

    def selection(self, now: datetime) -> Selection:
        """Return the selection of all memories that the caller can access at `now`."""
        return Selection(self.owner, now, scope_tags=self.scope_tags)
