"""Import plan: what to do with each memory of an export file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple, cast

from memoryos._protocol.argument_errors import invalid_argument
from memoryos._protocol.response_fields import invalid_fields
from memoryos.exceptions import MemoryOSError, ValidationError

from .export_file import checksum

# Fields that `memories.create` accepts. The service sets all others.
CREATE_FIELDS = (
    "content",
    "tier",
    "content_type",
    "memory_nature",
    "parent_memory_id",
    "metadata",
    "external_id",
    "source_id",
    "importance_score",
)
UPDATE_FIELDS = ("content", "tier", "importance_score", "memory_nature", "metadata")

# The names in metadata that a service may keep when new metadata doesn't name them.
ASSIGNMENTS = ("tags", "entities")

CONFLICT_CHOICES = ("skip", "update", "duplicate", "error")


@dataclass(frozen=True)
class ImportReport:
    """Number of memories that an import created, updated and skipped.

    Attributes:
        created: Number of memories created.
        updated: Number of existing memories changed.
        skipped: Number of existing memories left unchanged.
        dry_run: True if nothing was written and the numbers say what an import would do.
    """

    created: int = 0
    updated: int = 0
    skipped: int = 0
    dry_run: bool = False


class ExistingMemories:
    """Index of the account's memories, used to find the ones that a file contains."""

    def __init__(self) -> None:
        self._by_id: Dict[str, Mapping[str, Any]] = {}
        self._by_external_id: Dict[str, Mapping[str, Any]] = {}
        self._by_content: Dict[Tuple[str, str], List[Mapping[str, Any]]] = {}

    def add(self, memory: Mapping[str, Any]) -> None:
        """Add a memory of the account."""
        external_id, content = _external_id(memory), _content_key(memory)
        self._by_id[memory["id"]] = memory
        if external_id is not None:
            self._by_external_id[external_id] = memory
        if content is not None:
            self._by_content.setdefault(content, []).append(memory)

    def matches(self, memories: List[Dict[str, Any]]) -> List[Optional[Mapping[str, Any]]]:
        """Return the account's copy of each exported memory, or None.

        Memories match by id, by `external_id`, or by content and metadata together. A memory of the
        account is the copy of only one memory with its content: the file may contain several.
        """
        found = [self._identified(memory) for memory in memories]
        taken = {match["id"] for match in found if match is not None}
        for index, memory in enumerate(memories):
            if found[index] is None:
                found[index] = self._take_equal(memory, taken)
        return found

    def _identified(self, memory: Mapping[str, Any]) -> Optional[Mapping[str, Any]]:
        external_id = _external_id(memory)
        return self._by_id.get(memory.get("id", "")) or (
            None if external_id is None else self._by_external_id.get(external_id)
        )

    def _take_equal(
        self, memory: Mapping[str, Any], taken: Set[str]
    ) -> Optional[Mapping[str, Any]]:
        content = _content_key(memory)
        equal = [] if content is None else self._by_content.get(content, [])
        while equal:
            match = equal.pop()
            if match["id"] not in taken:
                return match
        return None


def _external_id(memory: Mapping[str, Any]) -> Optional[str]:
    external_id = memory.get("external_id")
    return external_id if isinstance(external_id, str) and external_id else None


def _content_key(memory: Mapping[str, Any]) -> Optional[Tuple[str, str]]:
    """Return what identifies a memory by its content; None for a content that is not a string."""
    content = memory.get("content")
    return (content, checksum(memory.get("metadata") or {})) if isinstance(content, str) else None


def create_arguments(memory: Mapping[str, Any], new_ids: Mapping[str, str]) -> Dict[str, Any]:
    """Return the arguments of `memories.create` for an exported memory.

    Args:
        memory: The exported memory.
        new_ids: Maps the exported ids of memories imported so far to their new ids.
    """
    given = {name: memory[name] for name in CREATE_FIELDS if memory.get(name) is not None}
    given.setdefault("content", None)  # which `create` rejects
    parent = given.get("parent_memory_id")
    if isinstance(parent, str):
        given["parent_memory_id"] = new_ids.get(parent, parent)
    return given


def changed_fields(memory: Mapping[str, Any], existing: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the updatable fields in which an exported memory differs from the existing one.

    A service may keep tags and entities that new metadata doesn't name. So those that the exported
    memory doesn't have are named with an empty list.
    """
    if isinstance(memory.get("metadata"), dict) and isinstance(existing.get("metadata"), dict):
        memory = {**memory, "metadata": _with_assignments(memory["metadata"], existing["metadata"])}
    return {
        name: memory[name]
        for name in UPDATE_FIELDS
        if memory.get(name) is not None and _is_other(memory[name], existing.get(name))
    }


def _with_assignments(
    metadata: Mapping[str, Any], existing: Mapping[str, Any]
) -> Mapping[str, Any]:
    removed: Dict[str, List[str]] = {
        name: [] for name in ASSIGNMENTS if name in existing and name not in metadata
    }
    return {**metadata, **removed}


def _is_other(value: Any, existing: Any) -> bool:
    if isinstance(value, dict) and isinstance(existing, dict):
        given, there = cast("Dict[str, Any]", value), cast("Dict[str, Any]", existing)
        return checksum(given) != checksum(there)  # for Python, True is equal to 1
    return bool(value != existing)


def is_rejection(error: MemoryOSError) -> bool:
    """Return whether the API can't take one memory, but may take the others."""
    is_too_large = error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return isinstance(error, ValidationError) or is_too_large


def import_key(reason: str, memory: Mapping[str, Any]) -> str:
    """Return a deterministic idempotency key, so that an interrupted import can be repeated."""
    named = f"{reason}\n{memory.get('id', '')}\n{checksum(memory)}"
    return hashlib.sha256(named.encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True)
class ImportStep:
    """Action for one memory of a file: `create`, `update` or `skip`."""

    action: str
    memory: Mapping[str, Any]
    arguments: Dict[str, Any]
    idempotency_key: str = ""
    existing_id: str = ""


class ImportPlan:
    """Decides what to do with each memory of a file, and counts what was done.

    Args:
        memories: Memories of the file, parents before children.
        existing: Memories of the account.
        on_conflict: Action for memories that the account already has: one of `CONFLICT_CHOICES`.

    Raises:
        ValidationError: `on_conflict` is `error` and the account already has one of the memories.
    """

    def __init__(
        self, memories: List[Dict[str, Any]], existing: ExistingMemories, on_conflict: str
    ) -> None:
        self._memories = memories
        self._on_conflict = on_conflict
        self._new_ids: Dict[str, str] = {}
        self._counts = {"create": 0, "update": 0, "skip": 0}
        self._rejected: List[Tuple[str, MemoryOSError]] = []
        matches = existing.matches(memories)
        found = [memory for memory, match in zip(memories, matches) if match is not None]
        if found and on_conflict == "error":
            shown = f"{len(found)} existing memories, such as {found[0].get('id')}"
            raise invalid_argument(
                "path", shown, "must contain only memories that the account doesn't have yet"
            )
        self._matches = matches

    def steps(self) -> Iterator[ImportStep]:
        """Yield the steps in order.

        Carry out each step and pass its result to `record` before you ask for the next one.
        """
        for memory, match in zip(self._memories, self._matches):
            step = self._step(memory, match)
            self._counts[step.action] += 1
            yield step

    def _step(self, memory: Mapping[str, Any], existing: Optional[Mapping[str, Any]]) -> ImportStep:
        if existing is None or self._on_conflict == "duplicate":
            reason = self._on_conflict if existing is None else "duplicate"
            key = import_key(reason, memory)
            return ImportStep("create", memory, create_arguments(memory, self._new_ids), key)
        self._new_ids[str(memory.get("id"))] = existing["id"]
        changes = changed_fields(memory, existing)
        if self._on_conflict == "update" and changes:
            return ImportStep("update", memory, changes, existing_id=existing["id"])
        return ImportStep("skip", memory, {})

    def record(self, step: ImportStep, result: Optional[Mapping[str, Any]]) -> None:
        """Record the result of a step, so that children are linked to the new id of their parent.

        Args:
            step: The step that was carried out.
            result: The stored memory, or None if the step sent nothing.

        Raises:
            InvalidResponseError: The stored memory has no id.
        """
        if result is not None:
            new_id = result.get("id")
            if not isinstance(new_id, str):
                raise invalid_fields("the stored memory has no id that is a string")
            self._new_ids[str(step.memory.get("id"))] = new_id

    def reject(self, step: ImportStep, error: MemoryOSError) -> None:
        """Record that the API can't take the memory of a step."""
        self._counts[step.action] -= 1
        self._rejected.append((str(step.memory.get("id")), error))

    def report(self, *, dry_run: bool) -> ImportReport:
        """Return how many memories were created, updated and skipped.

        Raises:
            ValidationError: Some were rejected.
        """
        counts = self._counts
        if self._rejected:
            raise self._rejection(dry_run=dry_run)
        return ImportReport(counts["create"], counts["update"], counts["skip"], dry_run)

    def _rejection(self, *, dry_run: bool) -> ValidationError:
        ids = [memory_id for memory_id, _ in self._rejected]
        first = self._rejected[0][1]
        others = len(self._memories) - len(ids)
        message = (
            f"The API can't take {len(ids)} of the {len(self._memories)} memories in the file, "
            f"such as {ids[0]}: {first.message}. The other {others} "
            f"{'can be' if dry_run else 'are'} imported"
        )
        details = {"argument": "path", "rule": first.details.get("rule"), "memory_ids": ids}
        return ValidationError("VALIDATION_ERROR", message, 400, details=details)
