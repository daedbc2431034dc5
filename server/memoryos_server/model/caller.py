"""The authenticated caller of an operation, and the permissions of API keys."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ALL_PERMISSIONS", "DEFAULT_OWNER", "DEFAULT_PERMISSIONS", "PERMISSIONS", "Caller"]

DEFAULT_OWNER = "default"
"""The owner that `MemoryOS.local(path)` and `memoryos serve` share."""

DEFAULT_PERMISSIONS = ("memories:read", "memories:write", "search:read")
"""Permissions of a new key by default; the API calls them scopes."""

ALL_PERMISSIONS = "*"
"""The permission that includes all others."""

PERMISSIONS = frozenset([*DEFAULT_PERMISSIONS, "admin", ALL_PERMISSIONS])
"""All permissions that a key can have."""


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
