"""Export file format: JSON Lines with a checksum for each memory.

The first line is a header with the format name, the version and the filters. Each following line
contains one memory and its SHA-256. The last line is a footer with the number of memories and a
checksum of their checksums, so that a truncated file is detected before anything is imported.

Every value is read as it was written: an unpaired surrogate is escaped, and an infinity is 1e999.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Union, cast

from memoryos._protocol import json_codec, lossless_json
from memoryos._protocol.argument_errors import invalid_argument
from memoryos._protocol.response_fields import invalid_fields
from memoryos.exceptions import ValidationError

if TYPE_CHECKING:
    import os

FORMAT = "memoryos-export"
FORMAT_VERSION = 1

SIGNATURE = b'{"format":"%s",' % FORMAT.encode("ascii")
"""The first bytes of every export file."""

LAST_LINE = b'{"count":'
"""How the last line of every export file begins."""


def checksum(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an object's canonical JSON: sorted keys, no whitespace."""
    return hashlib.sha256(lossless_json.encode(value, sort_keys=True)).hexdigest()


class ExportWriter:
    """Encodes the lines of an export file.

    Call `header` once, `memory` for each memory and `footer` once, and write the returned lines in
    this order.

    Attributes:
        count: Number of memories encoded so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._checksums = hashlib.sha256()

    def header(self, filters: Mapping[str, Any]) -> bytes:
        """Return the first line: format, version and the filters that are not None."""
        given = {name: value for name, value in filters.items() if value is not None}
        return _line({"format": FORMAT, "version": FORMAT_VERSION, "filters": given})

    def memory(self, memory: Mapping[str, Any]) -> bytes:
        """Return the line of one memory.

        Raises:
            InvalidResponseError: It is nested too deeply.
        """
        try:
            digest = checksum(memory)
            line = _line({"memory": memory, "sha256": digest})
        except RecursionError:
            raise invalid_fields(f"memory {memory.get('id')} is nested too deeply") from None
        self.count += 1
        self._checksums.update(digest.encode("ascii"))
        return line

    def footer(self) -> bytes:
        """Return the last line: the number of memories and the checksum of their checksums."""
        return _line({"count": self.count, "sha256": self._checksums.hexdigest()})


def load_export(path: Union[str, os.PathLike[str]]) -> List[Dict[str, Any]]:
    """Read an export file from disk.

    Args:
        path: Export file.

    Returns:
        The memories, as `read_export` returns them.

    Raises:
        OSError: The file can't be read.
        ValidationError: The file is not a valid export; see `read_export`.
    """
    file = Path(path)
    with file.open("rb") as lines:
        return read_export(iter(lines), file.name)


def read_export(lines: Iterator[bytes], name: str) -> List[Dict[str, Any]]:
    """Parse and verify the lines of an export file.

    Args:
        lines: Lines of the file.
        name: File name for error messages.

    Returns:
        The memories, parents before their children, otherwise oldest first.

    Raises:
        ValidationError: The file is not an export, has a newer version, is damaged, is truncated or
            goes on after its last line.
    """
    header = _parse_line(next(lines, b""), name, 1)
    if header.get("format") != FORMAT:
        raise _invalid_file(
            f"{name} is not a memoryos export: line 1 doesn't name the format {FORMAT}"
        )
    if header.get("version") != FORMAT_VERSION:
        shown = f"version {header.get('version')}"
        raise invalid_argument(
            "path", shown, f"must have format version {FORMAT_VERSION}; update this SDK"
        )
    memories: List[Dict[str, Any]] = []
    checksums = hashlib.sha256()
    footer: Optional[Dict[str, Any]] = None
    for number, line in enumerate(lines, start=2):
        record = _parse_line(line, name, number)
        if "memory" not in record:
            footer = record
            break
        digest = _digest(record["memory"])
        if digest is None or digest != record.get("sha256"):
            raise _invalid_file(
                f"{name} is damaged: line {number} doesn't match its checksum; export again"
            )
        _check_memory(record["memory"], name, number)
        checksums.update(digest.encode("ascii"))
        memories.append(record["memory"])
    expected = (len(memories), checksums.hexdigest())
    if footer is None or (footer.get("count"), footer.get("sha256")) != expected:
        raise _invalid_file(
            f"{name} is not complete: it ends after {len(memories)} memories; export again"
        )
    if any(line.strip() for line in lines):
        raise _invalid_file(
            f"{name} goes on after its last line, line {len(memories) + 2}; "
            "import each export from a file of its own"
        )
    memories.reverse()  # newest first; of the same time, the first ones may be the children
    memories.sort(key=lambda memory: str(memory.get("created_at", "")))
    return _parents_first(memories)


def _parents_first(memories: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Return the memories in their order, but each one after its parent."""
    places: Dict[str, int] = {}
    for index, memory in enumerate(memories):
        places.setdefault(memory["id"], index)
    is_placed = [False] * len(memories)
    ordered: List[Dict[str, Any]] = []
    for index in range(len(memories)):
        line: List[Dict[str, Any]] = []  # a memory, its parent, the parent of that one, and so on
        place: Optional[int] = index
        while place is not None and not is_placed[place]:
            is_placed[place] = True
            line.append(memories[place])
            parent_id = memories[place].get("parent_memory_id")
            place = places.get(parent_id) if isinstance(parent_id, str) else None
        ordered.extend(reversed(line))
    return ordered


def _parse_line(line: bytes, name: str, number: int) -> Dict[str, Any]:
    try:
        record = json_codec.decode(line)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        problem = "is not a memoryos export" if number == 1 else "is damaged"
        raise _invalid_file(f"{name} {problem}: line {number} isn't a JSON object")
    return cast("Dict[str, Any]", record)


def _digest(value: Any) -> Optional[str]:
    try:
        return checksum(value)
    except (ValueError, RecursionError):  # an integer with too many digits, or nested too deeply
        return None


def _check_memory(memory: Any, name: str, number: int) -> None:
    """Check that a memory has an id. The API checks the other fields of each memory.

    Raises:
        ValidationError: It has none.
    """
    if not isinstance(memory, dict):
        raise _invalid_file(f"{name}: the memory in line {number} isn't an object")
    if not isinstance(cast("Dict[str, Any]", memory).get("id"), str):
        raise _invalid_file(f"{name}: the memory in line {number} has no id that is a string")


def _invalid_file(message: str) -> ValidationError:
    details = {"argument": "path", "rule": "must be a complete export"}
    return ValidationError("VALIDATION_ERROR", message, 400, details=details)


def _line(record: Mapping[str, Any]) -> bytes:
    return lossless_json.encode(record) + b"\n"
