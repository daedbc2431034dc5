"""Import plan: what to do with each memory of a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    FrozenSet,
    Iterator,
    List,
    Mapping,
    Optional,
    Set,
    Tuple,
)

from memoryos._protocol import operations
from memoryos._protocol.argument_errors import invalid_argument, shown
from memoryos._protocol.response_fields import invalid_fields
from memoryos.exceptions import MemoryOSError, ValidationError

from .import_changes import changed_fields
from .import_dates import date_fields, features_of, has_passed, with_kept_dates
from .import_matching import Comparable, Matching
from .import_report import ImportReport, RejectedLine, refused_file, stopped_at
from .open_choices import CREATE, UPDATE, unknown_choices

if TYPE_CHECKING:
    from datetime import datetime

    from .import_file import FileMemory, ImportFile

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

CONFLICT_CHOICES = ("skip", "update", "duplicate", "error")
ERROR_CHOICES = ("stop", "reject")

_ANY_ID = "00000000-0000-4000-8000-000000000000"  # stands for an id that is not known yet


@dataclass(frozen=True)
class ImportStep:
    """Action for one memory of a file: `create`, `update` or `skip`."""

    action: str
    entry: FileMemory
    arguments: Dict[str, Any]
    existing_id: str = ""

    @property
    def id(self) -> str:
        """The memory's id in the file."""
        return str(self.entry.memory["id"])


class ImportPlan:
    """Decides what to do with each memory of a file, and counts what was done.

    Call `check` before the first step: it finds out which memories can't be imported.

    Args:
        file: The file.
        account: The memories of the account.
        on_conflict: Action for memories that the account already has: one of `CONFLICT_CHOICES`.
        on_error: `stop` ends the import at a memory that can't be imported, `reject` leaves it out.
        without_dates: Whether the service gives created memories new times and counts.

    Attributes:
        rejected: The lines that were left out so far.

    Raises:
        ValidationError: `on_conflict` is `error` and the account already has one of the memories.
    """

    def __init__(
        self,
        file: ImportFile,
        account: List[Comparable],
        on_conflict: str,
        on_error: str,
        *,
        without_dates: bool = False,
    ) -> None:
        matching = Matching(file, account)
        self._file, self._on_conflict, self._on_error = file, on_conflict, on_error
        self._without_dates = without_dates
        self._account, self._matches = set(matching.account), matching.matches
        self._ids = {str(entry.memory["id"]) for entry in file.memories}
        self._new_ids: Dict[str, str] = {}
        self._counts = {"create": 0, "update": 0, "skip": 0}
        self._refused: Dict[Tuple[str, str], MemoryOSError] = {}
        self._left_out: Set[int] = set()
        self._rejected_ids: Dict[str, int] = {}
        self.rejected: List[RejectedLine] = []
        if on_conflict == "error":
            self._check_that_all_are_new()

    def _check_that_all_are_new(self) -> None:
        pairs = zip(self._file.memories, self._matches)
        found = sorted([entry for entry, match in pairs if match is not None], key=_line)
        if found:
            noun = "memory" if len(found) == 1 else "memories"
            known = f"{len(found)} existing {noun}, such as {found[0].memory['id']}"
            error = invalid_argument(
                "path",
                f"{known} in line {found[0].line}",
                "must contain only memories that the account doesn't have yet",
            )
            error.details.update(
                line=found[0].line,
                lines=[entry.line for entry in found],
                memory_ids=[entry.memory["id"] for entry in found],
                **self.counts(),
            )
            raise error

    @property
    def total(self) -> int:
        """Number of memories in the file, including those in lines that can't be read."""
        return len(self._file.memories) + len(self._file.bad_lines)

    @property
    def done(self) -> int:
        """Number of memories that were processed, including rejected ones."""
        return sum(self._counts.values()) + len(self.rejected)

    @cached_property
    def needed_features(self) -> FrozenSet[str]:
        """The features that sending the times and counts of memories to create needs."""
        if self._without_dates:
            return frozenset()
        creations = [step for step in self._all_steps() if step.action == "create"]
        return features_of({name for step in creations for name in date_fields(step.entry.memory)})

    def unknown_choices(self) -> Iterator[Tuple[str, str]]:
        """Yield each value that this SDK's contract doesn't name, with its argument, once.

        A newer service may take it. `refuse` says that this one doesn't.
        """
        found: Set[Tuple[str, str]] = set()
        for step in self._all_steps():
            if step.action != "skip":
                operation = CREATE if step.action == "create" else UPDATE
                found.update(unknown_choices(operation, step.arguments))
        yield from sorted(found)

    def refuse(self, choice: Tuple[str, str], error: MemoryOSError) -> None:
        """Note that the service doesn't know a value."""
        self._refused[choice] = error

    def check(self, now: datetime) -> None:
        """Find the lines that can't be imported, as far as that is known before sending.

        Args:
            now: The current time.

        Raises:
            ValidationError: There are some, and `on_error` is `stop`.
        """
        for bad in self._file.bad_lines:
            self._leave_out(bad, None, bad.problem)
        available = {*self._account, *self._file.parents}
        for step in self._all_steps():
            problem = self._problem_of(step, available) or _expiry_problem(step, now)
            if problem:
                self._leave_out(step.entry, step.id, problem)
            else:
                available.add(step.id)
        self.rejected.sort(key=lambda rejected: rejected.line)
        if self.rejected and self._on_error == "stop":
            raise refused_file(self._file.name, self.rejected)

    def _problem_of(self, step: ImportStep, available: Set[str]) -> str:
        """Return why a step can't be carried out, or nothing."""
        if step.action == "skip":
            return ""
        arguments = dict(step.arguments)
        parent = arguments.get("parent_memory_id")
        if isinstance(parent, str):
            if parent not in available:
                return self._problem_of_parent(parent)
            arguments["parent_memory_id"] = _ANY_ID
        is_new = step.action == "create"
        operation = CREATE if is_new else UPDATE
        try:
            operations.build_call(operation, {"memory_id": step.existing_id, **arguments})
        except ValidationError as error:
            return error.message
        for choice in unknown_choices(operation, arguments):
            if choice in self._refused:
                name, value = choice
                reason = self._refused[choice].message
                return f"the service doesn't take {name} {shown(value)}: {reason}"
        return ""

    def _problem_of_parent(self, parent: str) -> str:
        if parent in self._rejected_ids:
            return f"its parent, in line {self._rejected_ids[parent]}, can't be imported"
        if parent in self._ids:  # a parent comes before its children, except in a circle
            rule = "must not lead back to the memory itself"
            return invalid_argument("parent_memory_id", shown(parent), rule).message
        rule = "must be the id of another memory, in the file or in the account"
        return invalid_argument("parent_memory_id", shown(parent), rule).message

    def _leave_out(self, entry: Any, memory_id: Optional[str], problem: str) -> None:
        if memory_id is not None:
            self._rejected_ids[memory_id] = entry.line
        self._left_out.add(entry.offset)
        self.rejected.append(RejectedLine(entry.line, memory_id, problem))

    def steps(self) -> Iterator[ImportStep]:
        """Yield the steps in order, without those that `check` has found to be impossible.

        Carry out each step and pass its result to `record` before you ask for the next one. Where
        times are sent, others are changed after all are created: a key that may not send them then
        changes nothing.
        """
        for step in self._updates_last() if self.needed_features else self._all_steps():
            if step.entry.offset in self._left_out:
                continue
            parent = step.entry.memory.get("parent_memory_id")
            if step.action == "create" and self._is_lost(parent):
                self._leave_out(step.entry, step.id, self._problem_of_parent(str(parent)))
            else:
                yield step

    def _is_lost(self, parent: Any) -> bool:
        """Return whether the service has rejected the parent of a memory."""
        return (
            isinstance(parent, str)
            and parent in self._rejected_ids
            and self._id_for(parent) not in self._account
            and parent not in self._new_ids
        )

    def _updates_last(self) -> Iterator[ImportStep]:
        for is_update in (False, True):
            for step in self._all_steps():
                if (step.action == "update") is is_update:
                    yield step

    def _all_steps(self) -> Iterator[ImportStep]:
        for entry, match in zip(self._file.memories, self._matches):
            yield self._step(entry, match)

    def _step(self, entry: FileMemory, existing: Optional[Mapping[str, Any]]) -> ImportStep:
        if existing is None or self._on_conflict == "duplicate":
            return self.creation(entry)
        self._new_ids[str(entry.memory["id"])] = existing["id"]
        changes = changed_fields(entry.memory, existing)
        if self._on_conflict == "update" and changes:
            return ImportStep("update", entry, changes, existing["id"])
        return ImportStep("skip", entry, {})

    def creation(self, entry: FileMemory) -> ImportStep:
        """Return the step that creates a memory."""
        memory = entry.memory
        given = {name: memory[name] for name in CREATE_FIELDS if memory.get(name) is not None}
        given.setdefault("content", None)  # which `create` rejects
        parent = given.get("parent_memory_id")
        if isinstance(parent, str):
            given["parent_memory_id"] = self._id_for(parent)
        if not self._without_dates:
            given.update(date_fields(memory))
        else:
            metadata = with_kept_dates(memory, given.get("metadata"))
            given.update({} if metadata is None else {"metadata": metadata})
        return ImportStep("create", entry, given)

    def _id_for(self, parent: str) -> str:
        """Return the id that a parent has in the account."""
        found = self._new_ids.get(parent) or self._file.parents.get(parent, parent)
        if found not in self._account and found.lower() in self._account:
            return found.lower()  # the id is a UUID, which may be written in upper case
        return found

    def record(self, step: ImportStep, result: Optional[Mapping[str, Any]]) -> None:
        """Count a step, and link the children of its memory to the memory's new id.

        Args:
            step: The step that was carried out.
            result: The stored memory, or None if the step sent nothing.

        Raises:
            InvalidResponseError: The stored memory has no id.
        """
        self._counts[step.action] += 1
        if result is not None:
            new_id = result.get("id")
            if not isinstance(new_id, str):
                raise invalid_fields("the stored memory has no id that is a string")
            self._new_ids[step.id] = new_id

    def reject(self, step: ImportStep, error: MemoryOSError) -> None:
        """Leave out a memory that the service doesn't take.

        Raises:
            ValidationError: `on_error` is `stop`.
        """
        if self._on_error == "stop":
            raise stopped_at(self._file.name, error, self.progress(step)) from error
        self._leave_out(step.entry, step.id, error.message)

    def progress(self, step: ImportStep) -> Dict[str, Any]:
        """Return what was done so far, for the details of an error that ends the import."""
        line = {"line": step.entry.line, "memory_id": step.id}
        return {**line, **self.counts(), "rejected": len(self.rejected)}

    def counts(self) -> Dict[str, int]:
        """Return how many memories were created, updated and skipped so far."""
        counts = self._counts
        return {
            "created": counts["create"],
            "updated": counts["update"],
            "skipped": counts["skip"],
        }

    def report(self, *, dry_run: bool) -> ImportReport:
        """Return how many memories were created, updated, skipped and rejected."""
        rejected = sorted(self.rejected, key=lambda line: line.line)
        return ImportReport(
            **self.counts(),
            rejected=len(rejected),
            dry_run=dry_run,
            rejected_lines=tuple(rejected),
        )

    def rejects(self) -> Tuple[List[int], Dict[str, str]]:
        """Return the positions of the rejected lines in the file, and new ids of their parents."""
        entries: List[Any] = [*self._file.memories, *self._file.bad_lines]
        offsets = [entry.offset for entry in entries if entry.offset in self._left_out]
        parents: Dict[str, str] = {}
        for entry in self._file.memories:
            parent = entry.memory.get("parent_memory_id")
            if entry.offset in self._left_out and isinstance(parent, str):
                new_id = self._id_for(parent)
                if new_id != parent:
                    parents[parent] = new_id
        return sorted(offsets), parents


def _expiry_problem(step: ImportStep, now: datetime) -> str:
    if not has_passed(step.arguments.get("expires_at"), now):
        return ""
    value = shown(step.arguments["expires_at"])
    return invalid_argument("expires_at", value, "must be in the future").message


def _line(entry: FileMemory) -> int:
    return entry.line
