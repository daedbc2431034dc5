"""Scope tags: tags such as `user:alice`. Memories in a scope have exactly one for each key."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .metadata import tag_name, tag_names
from .normalization import normalize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = [
    "MAX_SCOPE_KEYS",
    "is_hash",
    "is_in_scope",
    "matches",
    "metadata_in_scope",
    "scope_key",
    "scope_tag",
    "tag_values",
]

MAX_SCOPE_KEYS = 8
"""Maximum number of tags of an API key."""

MAX_ENCODED_CHARACTERS = 64
"""Maximum length of an encoded key or value; a hash takes the place of longer values."""

_HASH = re.compile(r"~[0-9a-f]{64}", re.ASCII)
_UNESCAPED = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_.@")


def scope_tag(key: str, value: str) -> str:
    """Return the tag of a key and a value, such as `user:alice`.

    Different keys or values have different tags, also where case, white space or Unicode forms of
    tags are ignored.

    Raises:
        ValueError: The key or the value is empty or isn't Unicode text, or the key is too long.
    """
    if not key or not value:
        raise ValueError("the key and the value of a tag must not be empty")
    encoded = _encode(key)
    if encoded.startswith("~"):
        raise ValueError(f"the key of a tag has at most {MAX_ENCODED_CHARACTERS} characters")
    return f"{encoded}:{_encode(value)}"


def tag_values(tags: Iterable[str]) -> dict[str, str]:
    """Return the keys and values that `scope_tag` made the tags of.

    A value that its tag contains only as a hash is returned as that: `~` and the hash.
    """
    pairs = (tag.split(":", 1) for tag in tags)
    return {unquote(key): unquote(value) for key, value in pairs}


def is_hash(value: str) -> bool:
    """Return whether a value has the form of a hash that `tag_values` returns."""
    return _HASH.fullmatch(value) is not None


def scope_key(tag: str) -> str | None:
    """Return the key of a tag, in the form to compare it in, or None if it has no colon."""
    key, colon, _ = normalize("NFKC", tag.strip()).casefold().partition(":")
    return key.strip() if colon else None


def is_in_scope(metadata: dict[str, Any], scope: Collection[str]) -> bool:
    """Return whether a memory has all tags of a scope, and no others with the same keys."""
    if not scope:
        return True
    keys = set(map(scope_key, scope))
    return {name for name in tag_names(metadata) if scope_key(name) in keys} == set(scope)


def matches(metadata: dict[str, Any], tags: Collection[str], scope: Collection[str]) -> bool:
    """Return whether a memory has all of some tags, and is in a scope."""
    if not tags and not scope:
        return True
    return set(tags) <= set(tag_names(metadata)) and is_in_scope(metadata, scope)


def metadata_in_scope(metadata: dict[str, Any], scope: Sequence[str]) -> dict[str, Any]:
    """Return metadata with all tags of a scope, and without others with the same keys.

    Args:
        metadata: Its `tags` are missing or a list, unless the scope is empty.
        scope: The tags of the scope.
    """
    if not scope:
        return metadata
    keys = set(map(scope_key, scope))
    others: list[Any] = []
    mine: list[str] = []
    for tag in metadata.get("tags", []):
        is_mine = isinstance(tag, str) and scope_key(tag_name(tag)) in keys
        (mine if is_mine else others).append(tag)
    if sorted(mine) == sorted(scope):
        return metadata
    return {**metadata, "tags": [*others, *scope]}


def _encode(text: str) -> str:
    code = text.encode()
    encoded = "".join(chr(byte) if byte in _UNESCAPED else f"%{byte:02x}" for byte in code)
    if len(encoded) > MAX_ENCODED_CHARACTERS:
        return f"~{hashlib.sha256(code).hexdigest()}"
    return encoded
