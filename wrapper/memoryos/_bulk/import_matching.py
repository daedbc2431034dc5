"""Find the memories of a file in the account. A memory of the account matches one of the file."""

from __future__ import annotations

from collections import Counter, deque
from functools import partial
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Deque,
    Dict,
    Hashable,
    List,
    Mapping,
    Optional,
    cast,
)

from .export_file import checksum
from .import_dates import KEPT_KEYS
from .import_file import SEPARATE_KEYS

if TYPE_CHECKING:
    from .import_file import ImportFile

_COMPARED = ("tier", "content_type", "memory_nature", "source_id", "importance_score")
_LARGEST_EXACT = 2**53

Key = Optional[Hashable]


class Comparable:
    """A memory, and what it is compared by."""

    __slots__ = ("content", "external_id", "match", "memory", "parent")

    def __init__(self, memory: Mapping[str, Any]) -> None:
        self.memory = memory
        self.external_id = _external_id(memory)
        self.content: Key = _content_key(memory)
        self.parent: Key = None
        self.match: Optional[Comparable] = None

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.memory["id"])


class Matching:
    """Matches the memories of a file with those of an account.

    A match is used up once: of three equal memories in a file, two are missing if the account has
    one. The surest matches come first, so that no memory takes the match of another one:

    1. the same id;
    2. the same `external_id` and content, or the same `external_id` if no other memory has it;
    3. the same content and metadata, unless both have an `external_id` and these differ.

    In each step, those come first that agree in more: in the content, the parent, the other fields.

    Args:
        file: The file.
        account: The memories of the account.

    Attributes:
        account: The memories of the account by id.
        matches: For each memory of the file, the one of the account, or None.
    """

    def __init__(self, file: ImportFile, account: List[Comparable]) -> None:
        self.account = {item.id: item for item in account}
        self._file = [Comparable(entry.memory) for entry in file.memories]
        self._ids = {item.id for item in self._file}
        self._parents = file.parents
        self._new_ids: Dict[str, str] = {}
        self._left, self._unused = self._file, list(self.account.values())
        self._match_all()
        self.matches = [None if item.match is None else item.match.memory for item in self._file]

    def _match_all(self) -> None:
        self._pair(lambda item: None if item.content is None else (item.id, item.content))
        self._pair(lambda item: item.id)
        self._pair(lambda item: _content_and_external_id(item) if item.external_id else None)
        unique = self._unique_external_ids()
        self._pair(lambda item: item.external_id if item.external_id in unique else None)
        for key in (_everything, _content_and_external_id):
            self._pair(partial(_with_parent, key), parents=True)
        for key in (_everything, _content_and_external_id):
            self._pair(key)
        self._pair(
            lambda item: None if item.external_id else item.content, lambda item: item.content
        )
        self._pair(
            lambda item: item.content if item.external_id else None,
            lambda item: None if item.external_id else item.content,
        )

    def _pair(
        self,
        key_in_file: Callable[[Comparable], Key],
        key_in_account: Optional[Callable[[Comparable], Key]] = None,
        *,
        parents: bool = False,
    ) -> None:
        """Match the memories that are left and have the same key; None matches nothing."""
        if not self._left or not self._unused:
            return
        if parents:
            for item in self._unused:
                item.parent = _hashable(item.memory.get("parent_memory_id"))
        candidates: Dict[Hashable, Deque[Comparable]] = {}
        for item in self._unused:
            key = (key_in_account or key_in_file)(item)
            if key is not None:
                candidates.setdefault(key, deque()).append(item)
        for item in self._left:
            if parents:
                item.parent = self._parent_of(item)
            key = key_in_file(item)
            found = None if key is None else candidates.get(key)
            if found:
                item.match = found.pop()  # the account's are newest first
                item.match.match = item
                self._new_ids.setdefault(item.id, item.match.id)
        self._left = [item for item in self._left if item.match is None]
        self._unused = [item for item in self._unused if item.match is None]

    def _parent_of(self, item: Comparable) -> Key:
        """Return the id that a parent of the file has in the account, or a key without a match."""
        parent = item.memory.get("parent_memory_id")
        if not isinstance(parent, str):
            return _hashable(parent)
        if parent in self._ids:
            return self._new_ids.get(parent, ("missing",))
        return self._parents.get(parent, parent)

    def _unique_external_ids(self) -> Any:
        """Return the external ids that one memory of the file and one of the account has."""
        in_file = Counter(item.external_id for item in self._file)
        in_account = Counter(item.external_id for item in self.account.values())
        return {name for name, count in in_file.items() if name and count == in_account[name] == 1}


def _with_parent(key_of: Callable[[Comparable], Key], item: Comparable) -> Key:
    key = key_of(item)
    return None if key is None else (key, item.parent)


def _everything(item: Comparable) -> Key:
    key = _content_and_external_id(item)
    details = tuple(repr(item.memory.get(name)) for name in _COMPARED)
    return None if key is None else (key, details)


def _content_and_external_id(item: Comparable) -> Key:
    return None if item.content is None else (item.content, item.external_id)


def _external_id(memory: Mapping[str, Any]) -> Optional[str]:
    external_id = memory.get("external_id")
    return external_id if isinstance(external_id, str) and external_id else None


def _content_key(memory: Mapping[str, Any]) -> Key:
    """Return what identifies a memory by its content; None for a content that is not a string."""
    content = memory.get("content")
    if not isinstance(content, str):
        return None
    try:
        return content, metadata_key(memory.get("metadata"))
    except RecursionError:
        return None


def metadata_key(metadata: Any, *, is_exact: bool = False) -> str:
    """Return what identifies metadata: the same for null and {}, with and without empty tags.

    The date of another import says nothing about what the memory is.

    Args:
        metadata: The metadata.
        is_exact: Whether 1 and 1.0 are different values.

    Raises:
        RecursionError: It is nested too deeply.
    """
    if not metadata:
        return ""
    if isinstance(metadata, dict):
        given = cast("Dict[str, Any]", metadata)
        metadata = {
            key: value
            for key, value in given.items()
            if key not in KEPT_KEYS and (value != [] or key not in SEPARATE_KEYS)
        }
    if not metadata:
        return ""
    return checksum(metadata if is_exact else _same_numbers(metadata))


def _same_numbers(value: Any) -> Any:
    """Return JSON with whole numbers as integers: a service may read 1.0 and send 1."""
    if isinstance(value, dict):
        members = cast("Dict[str, Any]", value)
        return {key: _same_numbers(member) for key, member in members.items()}
    if isinstance(value, list):
        return list(map(_same_numbers, cast("Any", value)))
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT:
        return int(value)
    return value


def _hashable(value: Any) -> Hashable:
    return value if value is None or isinstance(value, str) else repr(value)
