"""Permissions of API keys. The API, the command line and the databases call them scopes."""

from __future__ import annotations

__all__ = ["ALL_PERMISSIONS", "DEFAULT_PERMISSIONS", "PERMISSIONS"]

DEFAULT_PERMISSIONS = ("memories:read", "memories:write", "search:read")
"""Permissions of a new key by default."""

ALL_PERMISSIONS = "*"
"""The permission that includes all others."""

PERMISSIONS = frozenset([*DEFAULT_PERMISSIONS, "admin", ALL_PERMISSIONS])
"""All permissions that a key can have."""
