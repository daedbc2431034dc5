"""Authentication by the `Authorization` header, and the permissions of the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memoryos_server.model.errors import invalid_key
from memoryos_server.model.permissions import ALL_PERMISSIONS

from .http_errors import missing_key, permission_denied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memoryos_server.model.caller import Caller

__all__ = ["authenticate", "authorize", "parse_key"]

# Longer than any key of this server; the limit keeps huge headers from being hashed.
_BEARER = re.compile(r"bearer +(mos_[!-~]{1,252})", re.ASCII | re.IGNORECASE)


def authenticate(authorization: Sequence[str], find: Callable[[str], Caller | None]) -> Caller:
    """Return the caller that the API key in the header belongs to.

    Args:
        authorization: The values of all `Authorization` headers.
        find: Returns the caller for a well-formed key, or None if the key isn't valid.

    Raises:
        ServiceError: 401, if the key is missing, malformed or not valid.
    """
    caller = find(parse_key(authorization))
    if caller is None:
        raise invalid_key()
    return caller


def parse_key(authorization: Sequence[str]) -> str:
    """Return the API key in the header.

    Args:
        authorization: The values of all `Authorization` headers.

    Raises:
        ServiceError: 401, if the key is missing or malformed.
    """
    if not authorization:
        raise missing_key()
    if len(authorization) != 1:
        raise invalid_key()
    match = _BEARER.fullmatch(authorization[0].strip(" \t"))
    # The scheme is case-insensitive, the key is not.
    if not match or not match[1].startswith("mos_"):
        raise invalid_key()
    return match[1]


def authorize(caller: Caller, required: frozenset[str]) -> None:
    """Check that the caller has the required permissions.

    Raises:
        HTTPError: 403, if a permission is missing.
    """
    if ALL_PERMISSIONS in caller.permissions:
        return
    for permission in sorted(required - caller.permissions):
        raise permission_denied(permission)
