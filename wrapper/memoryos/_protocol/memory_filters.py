"""Filters on memories that a service has returned, for services without the filter."""

from __future__ import annotations

import unicodedata
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Mapping, Optional, cast

from . import times
from .canonical_json import canonical_json
from .response_fields import reading

__all__ = ["MemoryFilter", "tag_name", "tags_of"]

Condition = Callable[[Mapping[str, Any]], bool]


class MemoryFilter:
    """Accepts the memories, or results of a search, that meet all conditions.

    Args:
        arguments: The conditions, as the arguments of a list, a search or a context; those that are
            None are none.
    """

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        given = {name: value for name, value in arguments.items() if value is not None}
        self._earliest = times.instant(given.get("created_after"))
        self._conditions: List[Condition] = [
            make(given[name]) for name, make in _CONDITIONS.items() if name in given
        ]

    @reading("a memory")
    def __call__(self, memory: Mapping[str, Any]) -> bool:
        """Return whether a memory meets all conditions.

        Raises:
            InvalidResponseError: It is no memory.
        """
        return all(condition(memory) for condition in self._conditions)

    def ends_after(self, page: Iterable[Mapping[str, Any]]) -> bool:
        """Return whether no memory can match that follows these in a list, newest first."""
        if self._earliest is None:
            return False
        created = [times.parse(memory.get("created_at")) for memory in page]
        return bool(created) and all(time is not None and time < self._earliest for time in created)


def tag_name(tag: str) -> str:
    """Return the form in which the names of tags compare: without white space around it, NFC."""
    return unicodedata.normalize("NFC", tag.strip())


def tags_of(memory: Mapping[str, Any]) -> FrozenSet[str]:
    """Return the names of a memory's tags, from its metadata."""
    metadata = memory.get("metadata")
    tags: Any = cast("Any", metadata).get("tags") if isinstance(metadata, dict) else None
    if not isinstance(tags, list):
        return frozenset()
    return frozenset([tag_name(tag) for tag in cast("Any", tags) if isinstance(tag, str)])


def _has_tags(tags: Iterable[str]) -> Condition:
    wanted = frozenset(map(tag_name, tags))
    return lambda memory: not wanted or ("" not in wanted and wanted <= tags_of(memory))


def _created_after(time: Any) -> Condition:
    earliest = times.instant(time)
    return lambda memory: _is_in_order(earliest, times.parse(memory.get("created_at")))


def _created_before(time: Any) -> Condition:
    end = times.instant(time)
    return lambda memory: not _is_in_order(end, times.parse(memory.get("created_at")), unknown=True)


def _is_in_order(first: Any, second: Any, *, unknown: bool = False) -> bool:
    return unknown if first is None or second is None else bool(first <= second)


def _has_metadata(wanted: Mapping[str, Any]) -> Condition:
    texts = {key: canonical_json(value) for key, value in wanted.items()}
    return lambda memory: _has_values(memory.get("metadata"), texts)


def _has_values(metadata: Any, texts: Dict[str, bytes]) -> bool:
    return not texts or (
        isinstance(metadata, dict)
        and all(
            key in metadata and _json_or_none(cast("Any", metadata)[key]) == text
            for key, text in texts.items()
        )
    )


def _json_or_none(value: Any) -> Optional[bytes]:
    try:
        return canonical_json(value)
    except (TypeError, ValueError, RecursionError):  # such as 1e999, which no condition can equal
        return None


def _has_field(name: str) -> Callable[[Any], Condition]:
    return lambda value: lambda memory: memory.get(name) == value


_CONDITIONS: Dict[str, Callable[[Any], Condition]] = {
    "tags": _has_tags,
    "created_after": _created_after,
    "created_before": _created_before,
    "metadata": _has_metadata,
    **{name: _has_field(name) for name in ("external_id", "content_type", "memory_nature", "tier")},
}
