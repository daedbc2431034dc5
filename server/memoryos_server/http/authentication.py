"""Who sends a request, by its `Authorization` header, and whether the key may do it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .http_errors import forbidden, invalid_key, missing_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from memoryos_server.model.caller import Caller

__all__ = ["authenticate", "authorize"]

_ALL_SCOPES = "*"
# Any key this server makes fits easily; the bound keeps a huge header from being hashed.
_BEARER = re.compile(r"bearer +(mos_[!-~]{1,252})", re.ASCII | re.IGNORECASE)


def authenticate(authorization: Sequence[str], find: Callable[[str], Caller | None]) -> Caller:
    """Return the caller whose key the header carries.

    Args:
        authorization: the values of all `Authorization` headers.
        find: returns the caller of a well-formed key, or None where it is not valid.

    Raises:
        RefusedError: 401, where the key is missing, malformed or not valid.
    """
    if not authorization:
        raise missing_key()
    key = _key(authorization)
    caller = None if key is None else find(key)
    if caller is None:
        raise invalid_key()
    return caller


def authorize(caller: Caller, needed: frozenset[str]) -> None:
    """Refuse with 403 where the caller's key lacks a scope."""
    if _ALL_SCOPES in caller.scopes:
        return
    for scope in sorted(needed - caller.scopes):
        raise forbidden(scope)


def _key(authorization: Sequence[str]) -> str | None:
    if len(authorization) != 1:
        return None
    match = _BEARER.fullmatch(authorization[0].strip(" \t"))
    # The scheme may be written in any case, the key may not.
    return match[1] if match and match[1].startswith("mos_") else None
