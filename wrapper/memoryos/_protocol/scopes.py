"""Scopes: sets of tags that separate the users of one application.

Pure. A memory belongs to a scope if its tags say so, whatever a service answers: `Scope.covers`
decides.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import Any, Dict, Iterable, List, Mapping, Tuple, TypedDict, cast

from memoryos.exceptions import ValidationError

from .argument_errors import invalid_argument, shown, shown_kind
from .memory_filters import tags_of

__all__ = [
    "Scope",
    "ScopeDeletion",
    "encoded",
    "key_of",
    "scope_tags_of",
    "texts_of",
]

MAX_ENCODED_CHARACTERS = 64

_UNCHANGED = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_.@")
_SCOPE_TAG = re.compile("[a-z0-9_.@%-]+:[a-z0-9_.@%~-]+")
_CODES = [chr(byte) if byte in _UNCHANGED else f"%{byte:02x}" for byte in range(256)]


def encoded(text: str) -> str:
    """Return a key or a value as it stands in a tag.

    The result is lower-case ASCII without spaces and colons, so that no service changes it, and no
    value can contain the tag of another one. Different texts have different results.

    Raises:
        UnicodeEncodeError: The text contains unpaired surrogates.
    """
    code = text.encode("utf-8")
    result = "".join([_CODES[byte] for byte in code])
    if len(result) > MAX_ENCODED_CHARACTERS:
        return f"~{hashlib.sha256(code).hexdigest()}"
    return result


@lru_cache(maxsize=1024)
def key_of(tag: str) -> str:
    """Return the key of a tag `key:value` as it is compared; empty for a tag without a colon."""
    if not tag.isascii():
        tag = unicodedata.normalize("NFKC", tag)  # it may contain other forms of a colon
    key, colon, _ = tag.partition(":")
    return key.strip().casefold() if colon else ""


def texts_of(memory: Mapping[str, Any]) -> List[str]:
    """Return the tags of a memory of a scope as they are written; what is no text is no tag."""
    return _strings(memory["metadata"]["tags"])


def scope_tags_of(memory: Mapping[str, Any]) -> List[str]:
    """Return the tags of a memory that are written as those of scopes are."""
    return sorted(filter(_SCOPE_TAG.fullmatch, tags_of(memory)))


class Scope:
    """A scope, made of one value per key.

    Attributes:
        values: The values by key, as they were given.
        tags: The tags of its memories, in the order of the keys.

    Args:
        values: The values by key.

    Raises:
        ValidationError: There are none, or one of them is empty or not a string.
    """

    __slots__ = ("_own", "_tags_by_key", "tags", "values")

    def __init__(self, values: Mapping[str, str]) -> None:
        if not values:
            rule = "must be called with at least one key and its value, such as user='alice'"
            raise invalid_argument("scoped", "", rule)
        self.values = dict(values)
        self._tags_by_key = {
            key: f"{key}:{_encoded(name, value)}"
            for name, value in values.items()
            for key in [_encoded_key(name)]
        }
        self.tags = list(self._tags_by_key.values())
        self._own = frozenset(self.tags)

    def narrowed(self, values: Mapping[str, str]) -> Scope:
        """Return this scope with further keys.

        Raises:
            ValidationError: There are none, one of them is invalid, or one has another value here.
        """
        for key, value in values.items():
            if self.values.get(key, value) != value:
                rule = "has another value in this scope already; start from the client instead"
                raise invalid_argument(shown(key), "", rule)
        return Scope({**self.values, **values} if values else {})

    def covers(self, memory: Mapping[str, Any]) -> bool:
        """Return whether a memory belongs to this scope.

        It does if, of each key, it has the scope's tag and no other: a memory with the tags of two
        users belongs to neither.
        """
        try:
            tags: Any = memory["metadata"]["tags"]
        except (KeyError, TypeError):
            return False
        if not isinstance(tags, list):
            return False
        try:
            given = set(cast("Any", tags))
        except TypeError:  # what is no text is no tag
            given = set(_strings(cast("Any", tags)))
        if not self._own <= given:
            return False
        for tag in given - self._own:  # not with `is_foreign`: a call for each tag of each result
            if isinstance(tag, str) and key_of(tag) in self._tags_by_key:
                return False
        return True

    def with_own(self, tags: Any) -> Any:
        """Return the scope's tags and these, without those of the scope's keys with other values.

        What is no list of strings is returned as it is, to be rejected as an argument.
        """
        if tags is None:
            return list(self.tags)
        if not isinstance(tags, (list, tuple)):
            return tags
        kept = [tag for tag in cast("Iterable[Any]", tags) if not self.is_foreign(tag)]
        return [*(tag for tag in self.tags if tag not in kept), *kept]

    def is_foreign(self, tag: Any) -> bool:
        """Return whether a tag is that of another scope: of one of the keys, with another value."""
        if not isinstance(tag, str):
            return False
        return self._tags_by_key.get(key_of(tag), tag) != tag

    def creation(self, arguments: Mapping[str, Any]) -> Dict[str, Any]:
        """Return the arguments of `create` with the scope's tags in the metadata.

        Raises:
            ValidationError: The tags in the metadata, or the tags, are not a list of strings.
        """
        created = dict(arguments)
        created["metadata"] = self.metadata(arguments.get("metadata"), arguments.get("tags"))
        created["tags"] = None
        created["idempotency_key"] = self.idempotency_key(arguments.get("idempotency_key"))
        return created

    def upsert(self, arguments: Mapping[str, Any]) -> Tuple[Dict[str, Any], bool]:
        """Return the arguments of an upsert, and whether they name the memory's tags.

        Raises:
            ValidationError: The tags in the metadata, or the tags, are not a list of strings.
        """
        given = dict(arguments)
        metadata, tags = given.get("metadata"), given.get("tags")
        if tags is not None:
            given["tags"] = self.with_own(_checked_tags("tags", tags))
        if isinstance(metadata, Mapping) and "tags" in metadata:
            given["metadata"] = self.metadata(metadata)
            return given, True
        return given, tags is not None

    def metadata(self, metadata: Any, tags: Any = None) -> Any:
        """Return metadata with the scope's tags and further ones.

        Raises:
            ValidationError: The tags in the metadata, or the tags, are not a list of strings.
        """
        if metadata is not None and not isinstance(metadata, Mapping):
            return metadata  # to be rejected as an argument
        given: Dict[str, Any] = dict(cast("Mapping[str, Any]", metadata or {}))
        listed = [
            *_checked_tags("metadata.tags", given.get("tags")),
            *_checked_tags("tags", tags),
        ]
        given["tags"] = list(dict.fromkeys(self.with_own(listed)))
        return given

    def imported(self, memory: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a memory of a file with this scope's tags in place of those of the same keys.

        A memory whose tags are no list of strings stays as it is, and can't be created.
        """
        try:
            return {**memory, "metadata": self.metadata(memory.get("metadata"))}
        except ValidationError:
            return memory

    def idempotency_key(self, key: Any) -> Any:
        """Return a caller's idempotency key so that another scope's is different."""
        if not isinstance(key, str) or not key:
            return key  # none, or to be rejected as an argument
        text = "\n".join([*sorted(self.tags), key])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def __repr__(self) -> str:
        return f"Scope({', '.join(self.values)})"  # the values name users


class ScopeDeletion(TypedDict):
    """What `delete_all` of a scope did.

    Keys:
        deleted: The number of memories that were deleted.
        tags_may_remain: Whether the service may still list the names of tags that no memory has
            any more. They contain what identifies the user.
    """

    deleted: int
    tags_may_remain: bool


def _strings(tags: Iterable[Any]) -> List[str]:
    return [tag for tag in tags if isinstance(tag, str)]


def _checked_tags(name: str, tags: Any) -> List[str]:
    if tags is None:
        return []
    if isinstance(tags, (list, tuple)):
        listed = list(cast("Iterable[Any]", tags))
        if len(_strings(listed)) == len(listed):
            return listed
    raise invalid_argument(name, shown(tags), "must be a list of strings in a scope")


def _encoded_key(text: Any) -> str:
    key = _encoded("a key of scoped", text)
    if key[:1] == "~":
        rule = f"must have at most {MAX_ENCODED_CHARACTERS} characters as it stands in a tag"
        raise invalid_argument("a key of scoped", shown(text), rule)
    return key


def _encoded(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise invalid_argument(name, shown_kind(text), "must be a string")
    if not text:
        raise invalid_argument(name, "''", "must not be empty")
    try:
        return encoded(text)
    except UnicodeEncodeError:
        rule = "must not contain unpaired surrogates"
        raise invalid_argument(name, "one of them", rule) from None
