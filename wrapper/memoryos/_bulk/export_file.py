"""Memories as a file: JSON Lines, each with a checksum, so that nothing is lost unnoticed.

The first line names the format, the last one counts the lines between and sums their checksums up:
a file that was cut off is found out before anything is imported.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Tuple, Union, cast

from memoryos._protocol import json_codec
from memoryos._protocol.argument_errors import invalid_argument

if TYPE_CHECKING:
    import os

FORMAT = "memoryos-export"
VERSION = 1

# What can be said of a memory when it is created; the rest is the service's own account of it.
CREATED_FIELDS = (
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
CHANGEABLE_FIELDS = ("content", "tier", "importance_score", "memory_nature", "metadata")

ON_CONFLICT = ("skip", "update", "duplicate", "error")


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    dry_run: bool = False


def checksum(memory: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a memory as canonical JSON: keys in order, no white space."""
    text = json.dumps(memory, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Lines:
    """Makes the lines of an export, one after another."""

    def __init__(self) -> None:
        self.count = 0
        self._sums = hashlib.sha256()

    def first(self, filters: Mapping[str, Any]) -> bytes:
        """Return the line that names the format, and what was asked for."""
        given = {name: value for name, value in filters.items() if value is not None}
        return _line({"format": FORMAT, "version": VERSION, "filters": given})

    def memory(self, memory: Mapping[str, Any]) -> bytes:
        """Return the line of one memory."""
        digest = checksum(memory)
        self.count += 1
        self._sums.update(digest.encode("ascii"))
        return _line({"memory": memory, "sha256": digest})

    def last(self) -> bytes:
        """Return the line that closes the file."""
        return _line({"count": self.count, "sha256": self._sums.hexdigest()})


def load(path: Union[str, os.PathLike[str]]) -> List[Dict[str, Any]]:
    """Return the memories of an export that is a file, as `read` does.

    Raises:
        OSError: The file can't be read.
        ValidationError: As `read` says.
    """
    file = Path(path)
    with file.open("rb") as lines:
        return read(iter(lines), file.name)


def read(lines: Iterator[bytes], name: str) -> List[Dict[str, Any]]:
    """Return the memories of an export, oldest first, so that parents come before children.

    Args:
        lines: The file's lines.
        name: What to call the file in an error.

    Raises:
        ValidationError: It is no export, is of a newer format, is damaged or cut off.
    """
    first = _parsed(next(lines, b""), name, 1)
    if first.get("format") != FORMAT:
        raise invalid_argument("path", name, f"must be a file that export wrote ({FORMAT})")
    if first.get("version") != VERSION:
        shown = f"version {first.get('version')}"
        raise invalid_argument(
            "path", shown, f"must be of format version {VERSION}; update this SDK"
        )
    memories: List[Dict[str, Any]] = []
    sums = hashlib.sha256()
    last: Optional[Dict[str, Any]] = None
    for number, line in enumerate(lines, start=2):
        record = _parsed(line, name, number)
        if "memory" not in record:
            last = record
            break
        if checksum(record["memory"]) != record.get("sha256"):
            raise invalid_argument("path", f"line {number} of {name}", "must match its checksum")
        sums.update(record["sha256"].encode("ascii"))
        memories.append(record["memory"])
    if last is None or (last.get("count"), last.get("sha256")) != (len(memories), sums.hexdigest()):
        raise invalid_argument(
            "path", f"{name} with {len(memories)} memories", "must be a whole export"
        )
    memories.sort(key=lambda memory: str(memory.get("created_at", "")))
    return memories


def _parsed(line: bytes, name: str, number: int) -> Dict[str, Any]:
    try:
        record = json_codec.decode(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise invalid_argument("path", f"line {number} of {name}", "must be a JSON object")
    return cast("Dict[str, Any]", record)


def _line(record: Mapping[str, Any]) -> bytes:
    return json_codec.encode(record) + b"\n"


class Present:
    """What an account holds already, to tell which memories of a file it has."""

    def __init__(self) -> None:
        self._by_id: Dict[str, Mapping[str, Any]] = {}
        self._by_reference: Dict[str, Mapping[str, Any]] = {}
        self._by_content: Dict[Tuple[Any, ...], Mapping[str, Any]] = {}

    def add(self, memory: Mapping[str, Any]) -> None:
        """Note a memory of the account."""
        self._by_id[memory["id"]] = memory
        if memory.get("external_id"):
            self._by_reference[memory["external_id"]] = memory
        self._by_content[_content_key(memory)] = memory

    def match(self, memory: Mapping[str, Any]) -> Optional[Mapping[str, Any]]:
        """Return the memory of the account that this one is, if there is one.

        It is the same by its id, by its `external_id`, or by content and metadata together.
        """
        reference = memory.get("external_id")
        return (
            self._by_id.get(memory.get("id", ""))
            or (self._by_reference.get(reference) if reference else None)
            or self._by_content.get(_content_key(memory))
        )


def _content_key(memory: Mapping[str, Any]) -> Tuple[Any, ...]:
    return (memory["content"], checksum(memory.get("metadata") or {}))


def arguments(memory: Mapping[str, Any], new_ids: Mapping[str, str]) -> Dict[str, Any]:
    """Return the arguments that create a memory anew.

    Args:
        memory: The memory, as exported.
        new_ids: What the memories that were imported before it are called now.
    """
    given = {name: memory[name] for name in CREATED_FIELDS if memory.get(name) is not None}
    parent = given.get("parent_memory_id")
    if parent is not None:
        given["parent_memory_id"] = new_ids.get(parent, parent)
    return given


def changes(memory: Mapping[str, Any], present: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the fields in which an exported memory differs from the one that is there."""
    return {
        name: memory[name]
        for name in CHANGEABLE_FIELDS
        if memory.get(name) is not None and memory[name] != present.get(name)
    }


def import_key(source: str, memory: Mapping[str, Any]) -> str:
    """Return the idempotency key of an import, so that it can be repeated after an interruption."""
    named = f"{source}\n{memory.get('id', '')}\n{checksum(memory)}"
    return hashlib.sha256(named.encode("utf-8")).hexdigest()


@dataclass(frozen=True)
class Step:
    """What to do with one memory of a file."""

    action: str
    memory: Mapping[str, Any]
    arguments: Dict[str, Any]
    idempotency_key: str = ""
    present_id: str = ""


class Plan:
    """What to do with each memory of a file, and what has been done.

    Args:
        memories: The file's memories, parents before children.
        present: What the account holds.
        on_conflict: What to do with a memory that the account has.

    Raises:
        ValidationError: The account has one of them, and that is an error.
    """

    def __init__(self, memories: List[Dict[str, Any]], present: Present, on_conflict: str) -> None:
        self._memories = memories
        self._present = present
        self._on_conflict = on_conflict
        self._new_ids: Dict[str, str] = {}
        self._counts = {"create": 0, "update": 0, "skip": 0}
        found = [memory for memory in memories if present.match(memory) is not None]
        if found and on_conflict == "error":
            shown = f"{len(found)} that are there, such as {found[0].get('id')}"
            raise invalid_argument(
                "path", shown, "must hold only memories that the account has not"
            )

    def steps(self) -> Iterator[Step]:
        """Yield the steps. Each must be done, and told to `done`, before the next."""
        for memory in self._memories:
            step = self._step(memory)
            self._counts[step.action] += 1
            yield step

    def _step(self, memory: Mapping[str, Any]) -> Step:
        there = self._present.match(memory)
        if there is None or self._on_conflict == "duplicate":
            source = self._on_conflict if there is None else "duplicate"
            key = import_key(source, memory)
            return Step("create", memory, arguments(memory, self._new_ids), key)
        self._new_ids[str(memory.get("id"))] = there["id"]
        if self._on_conflict == "update" and changes(memory, there):
            return Step("update", memory, changes(memory, there), present_id=there["id"])
        return Step("skip", memory, {})

    def done(self, step: Step, result: Optional[Mapping[str, Any]]) -> None:
        """Note what a step came to, so that children find their parents."""
        if result is not None:
            self._new_ids[str(step.memory.get("id"))] = result["id"]

    def report(self, *, dry_run: bool) -> ImportReport:
        """Return how many memories were dealt with in which way."""
        counts = self._counts
        return ImportReport(counts["create"], counts["update"], counts["skip"], dry_run)
