"""What the SDK does itself where a service doesn't name a feature. Pure."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List, Mapping, Sequence, Tuple, cast

from memoryos.exceptions import ConflictError, NotSupportedError

from . import operations, times
from .argument_errors import invalid_argument, shown
from .canonical_json import canonical_json
from .features import NO_FEATURES, not_supported
from .response_fields import invalid_fields, reading

__all__ = [
    "check_emulated",
    "check_named",
    "check_unchanged",
    "create_arguments",
    "split",
    "update_arguments",
    "upsert_changes",
]

_FILTERS = frozenset({"filters"})
_EMULATED: Mapping[str, FrozenSet[str]] = {
    "list_memories": _FILTERS,
    "search_memories": _FILTERS,
    "get_context": _FILTERS,
    "get_memory": frozenset({"uncounted"}),
    "create_memory": frozenset({"tags", "upsert"}),
    "update_memory": frozenset({"tags", "if-updated-at"}),
}
"""By operation, the features that the SDK can do without."""

_CHANGED_BY_UPDATE = ("content", "tier", "importance_score", "memory_nature")
_NEVER_CHANGED = (
    *("content_type", "parent_memory_id", "source_id"),
    *("created_at", "access_count", "last_accessed_at"),
)
_SEPARATE_KEYS = ("tags", "entities")


def check_emulated(
    operation_name: str, missing: FrozenSet[str], arguments: Mapping[str, Any]
) -> None:
    """Check that the SDK can do without these features.

    Raises:
        NotSupportedError: It can't.
    """
    emulated = _EMULATED.get(operation_name, NO_FEATURES)
    check_named(operation_name, missing - emulated, arguments)


def check_named(operation_name: str, missing: FrozenSet[str], arguments: Mapping[str, Any]) -> None:
    """Check that the service names all features that the arguments need.

    Raises:
        NotSupportedError: Some are missing.
    """
    if missing:
        used = operations.arguments_of_features(operation_name, missing, arguments)
        raise not_supported(missing, used)


def split(
    operation_name: str, missing: FrozenSet[str], arguments: Mapping[str, Any]
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Return the arguments that can be sent, and those that the service doesn't know.

    Args:
        operation_name: The operation.
        missing: The features that the service doesn't name.
        arguments: All arguments. Names that are not the operation's, and None, are left out.
    """
    unknown = set(operations.arguments_of_features(operation_name, missing, arguments))
    names = operations.argument_names(operation_name)
    given = {
        name: value for name, value in arguments.items() if name in names and value is not None
    }
    sent = {name: value for name, value in given.items() if name not in unknown}
    return sent, {name: value for name, value in given.items() if name in unknown}


def create_arguments(arguments: Mapping[str, Any], missing: FrozenSet[str]) -> Dict[str, Any]:
    """Return the arguments that create the same memory without the missing features.

    Raises:
        NotSupportedError: There are none.
        ValidationError: `metadata["tags"]` is no list of strings, so that `tags` can't be added.
    """
    check_named("create_memory", missing - {"tags"}, arguments)
    sent, unknown = split("create_memory", missing, arguments)
    if unknown.get("tags"):
        sent["metadata"] = _with_tags(sent.get("metadata") or {}, unknown["tags"])
    return sent


def _with_tags(metadata: Mapping[str, Any], tags: Sequence[str]) -> Dict[str, Any]:
    """Return metadata with more tags."""
    given: Any = metadata.get("tags", [])
    present = cast("Sequence[Any]", given if isinstance(given, (list, tuple)) else [None])
    if not all(isinstance(tag, str) for tag in present):
        rule = "must be a list of strings if there are tags to add to it"
        raise invalid_argument("metadata.tags", shown(given), rule)
    return {**metadata, "tags": list(dict.fromkeys([*present, *tags]))}


def update_arguments(
    memory: Mapping[str, Any], sent: Mapping[str, Any], unknown: Mapping[str, Any]
) -> Dict[str, Any]:
    """Return the arguments that change a memory in the same way, without the missing features.

    Args:
        memory: The memory as it is.
        sent: The arguments that the service knows.
        unknown: Those that it doesn't.
    """
    arguments = dict(sent)
    if "tags" in unknown:
        metadata: Mapping[str, Any] = sent.get("metadata", memory.get("metadata")) or {}
        arguments["metadata"] = {**metadata, "tags": list(unknown["tags"])}
    return arguments


def check_unchanged(memory: Mapping[str, Any], if_updated_at: Any) -> None:
    """Check that a memory was last updated at this time.

    Raises:
        ConflictError: It wasn't.
        InvalidResponseError: It has no such time.
    """
    updated = times.parse(memory.get("updated_at"))
    if updated is None:
        raise invalid_fields("the memory has no updated_at that is a time")
    if updated != times.instant(if_updated_at):
        message = (
            f"The memory was updated at {memory['updated_at']}, not at the time in if_updated_at; "
            "nothing was changed"
        )
        raise ConflictError("CONFLICT", message, 409, details={"updated_at": memory["updated_at"]})


def upsert_changes(memory: Mapping[str, Any], arguments: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the arguments of the update that an upsert makes of a memory; none if all is equal.

    Args:
        memory: The memory as it is.
        arguments: The arguments of `create`. Those that are left out keep their values.

    Raises:
        NotSupportedError: It would change a field that an update can't.
        ValidationError: `metadata["tags"]` is no list of strings, so that `tags` can't be added.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    fixed = [name for name in _NEVER_CHANGED if name in given and _differs(memory, name, given)]
    if fixed:
        names = ", ".join(fixed)
        message = (
            f"The service can't change {names} of an existing memory: it doesn't name the feature "
            "upsert in its responses. Nothing was changed; delete the memory first"
        )
        raise NotSupportedError("NOT_SUPPORTED", message, 501, details={"features": ["upsert"]})
    changes = {
        name: given[name]
        for name in _CHANGED_BY_UPDATE
        if name in given and _differs(memory, name, given)
    }
    if "expires_at" in given and _is_other_time(memory.get("expires_at"), given["expires_at"]):
        changes["expires_at"] = given["expires_at"]
    named = given.get("metadata", {})
    if "tags" in given:
        named = _with_tags(named, given["tags"])
    if named or "metadata" in given:
        changes.update(_metadata_change(memory, named, replaces="metadata" in given))
    return changes


def _differs(memory: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> bool:
    value = given[name]
    if name == "parent_memory_id":
        value = value.lower()
    return bool(memory.get(name) != value)


def _is_other_time(present: Any, given: Any) -> bool:
    return times.parse(present) != times.instant(given)


@reading("the memory")
def _metadata_change(
    memory: Mapping[str, Any], named: Mapping[str, Any], *, replaces: bool
) -> Dict[str, Any]:
    present: Mapping[str, Any] = memory.get("metadata") or {}
    kept = _SEPARATE_KEYS if replaces else present
    wanted = {**{key: present[key] for key in kept if key in present}, **named}
    is_same = _comparable(wanted) == _comparable(present)
    return {} if is_same else {"metadata": wanted}


def _comparable(metadata: Mapping[str, Any]) -> bytes:
    empty: Tuple[List[Any], None] = ([], None)
    return canonical_json(
        {k: v for k, v in metadata.items() if k not in _SEPARATE_KEYS or v not in empty}
    )
