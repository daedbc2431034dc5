"""Scopes: sets of tags that separate the users of one application.

Pure. A memory belongs to a scope if its tags say so, whatever a service answers: `Scope.covers`
decides. Services differ in whether they can be asked for a scope's memories; `TagFiltering` keeps
what is known of that.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, cast

from .argument_errors import invalid_argument, shown

__all__ = ["PageWindow", "Scope", "TagFiltering", "encoded", "folded", "key_of"]

MAX_ENCODED_CHARACTERS = 64
DEFAULT_PAGE_SIZE = 50

_UNCHANGED = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_.@")
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


def key_of(tag: str) -> str:
    """Return the key of a tag `key:value` as it is compared; empty for a tag without a colon."""
    if not tag.isascii():
        tag = unicodedata.normalize("NFKC", tag)  # it may contain other forms of a colon
    key, colon, _ = tag.partition(":")
    return key.strip().casefold() if colon else ""


def folded(tag: str) -> str:
    """Return a tag in the form in which services compare tags."""
    return unicodedata.normalize("NFC", tag.strip())


def tags_of(memory: Mapping[str, Any]) -> List[Any]:
    """Return the tags in the metadata of a memory, a result or an entry of a context."""
    metadata = memory.get("metadata")
    tags = cast("Any", metadata).get("tags") if isinstance(metadata, dict) else None
    return cast("List[Any]", tags) if isinstance(tags, list) else []


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

    __slots__ = ("_tags_by_key", "tags", "values")

    def __init__(self, values: Mapping[str, str]) -> None:
        if not values:
            rule = "must be called with at least one key and its value, such as user='alice'"
            raise invalid_argument("scoped", "", rule)
        self.values = dict(values)
        self._tags_by_key = {
            _encoded("a key of scoped", key): f"{_encoded('', key)}:{_encoded(key, value)}"
            for key, value in values.items()
        }
        self.tags = list(self._tags_by_key.values())

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
        wanted, found = self._tags_by_key, 0
        for tag in set(_strings(tags_of(memory))):
            expected = wanted.get(key_of(tag))
            if expected is not None:
                if tag != expected:
                    return False
                found += 1
        return found == len(wanted)

    def with_own(self, tags: Any) -> Any:
        """Return the scope's tags and the others of these, without those of the scope's keys.

        What is no list of strings is returned as it is, to be rejected as an argument.
        """
        if tags is None:
            return list(self.tags)
        if not isinstance(tags, (list, tuple)):
            return tags
        given = cast("Iterable[Any]", tags)
        return [*self.tags, *(tag for tag in given if not self._is_own(tag))]

    def _is_own(self, tag: Any) -> bool:
        return isinstance(tag, str) and key_of(tag) in self._tags_by_key

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

    def idempotency_key(self, key: Any) -> Any:
        """Return a caller's idempotency key so that another scope's is different."""
        if not isinstance(key, str) or not key:
            return key  # none, or to be rejected as an argument
        text = "\n".join([*sorted(self.tags), key])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def __repr__(self) -> str:
        return f"Scope({', '.join(self.values)})"  # the values name users


class TagFiltering:
    """What is known of how a service filters by the tags in `metadata.tags`.

    Attributes:
        works: Whether a search by tags finds memories whose metadata have these tags. A service
            that doesn't read them finds none.
        is_tried: Whether that was found out, or is being found out.
    """

    def __init__(self) -> None:
        self.works = True
        self.is_tried = False


class PageWindow:
    """The page of a list that is filtered while it is read.

    Args:
        offset: The number of items to leave out; None for 0.
        limit: The maximum number of items; None for the default.
    """

    def __init__(self, offset: Optional[int], limit: Optional[int]) -> None:
        self._offset, self._limit = offset or 0, limit or DEFAULT_PAGE_SIZE
        self._items: List[Any] = []
        self._total = 0

    def add(self, item: Any) -> None:
        """Count the next item, and keep it if it is on the page."""
        if self._offset <= self._total < self._offset + self._limit:
            self._items.append(item)
        self._total += 1

    def page(self) -> Dict[str, Any]:
        """Return the page, once all items were added."""
        meta = {
            "total": self._total,
            "limit": self._limit,
            "offset": self._offset,
            "has_more": self._offset + len(self._items) < self._total,
        }
        return {"data": self._items, "meta": meta}


def has_tags(memory: Mapping[str, Any], tags: FrozenSet[str]) -> bool:
    """Return whether a memory has all of these folded tags."""
    return tags <= {folded(tag) for tag in _strings(tags_of(memory))}


def narrowing_tags(tags: Optional[Iterable[str]]) -> FrozenSet[str]:
    """Return the tags of a filter, folded."""
    return frozenset(map(folded, tags or ()))


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


def _encoded(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise invalid_argument(name, shown(text), "must be a string")
    if not text:
        raise invalid_argument(name, "''", "must not be empty")
    try:
        return encoded(text)
    except UnicodeEncodeError:
        rule = "must not contain unpaired surrogates"
        raise invalid_argument(name, "one of them", rule) from None
