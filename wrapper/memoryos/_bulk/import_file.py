"""Parse the lines of a file to import: an export, or a file of rejected lines.

Damage ends the import of an export: its checksums show that the file is not what was exported. A
line that is intact but contains no usable memory is kept with its problem, so that the others can
be imported.

A header with `"checksums": false` announces lines that may be edited: a checksum is not compared,
a last line is not required, and a line that can't be read is a problem of that line only.
"""

from __future__ import annotations

import hashlib
from typing import (
    AbstractSet,
    Any,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
    cast,
)

from memoryos._protocol import json_codec, lossless_json
from memoryos._protocol.argument_errors import clipped
from memoryos._protocol.json_texts import RepeatedKeyError, parsed_json

from .export_file import FORMAT, FORMAT_VERSION
from .import_order import import_order
from .import_source import Line, invalid_file

MEMORY_FIELDS = frozenset(
    [
        "id",
        "content",
        "content_type",
        "tier",
        "memory_nature",
        "relevance_score",
        "importance_score",
        "confidence_score",
        "decay_rate",
        "access_count",
        "last_accessed_at",
        "parent_memory_id",
        "external_id",
        "source_id",
        "metadata",
        "pii_detected",
        "pii_fields",
        "integrity_hash",
        "created_at",
        "updated_at",
        "expires_at",
    ]
)
"""Fields of a memory in the contract."""

SEPARATE_KEYS = ("tags", "entities")
"""Keys of metadata that a service may keep when other metadata replaces it; an empty list removes
them."""

_WRAPPER_BYTES = len('{"memory":,"sha256":"') + hashlib.sha256().digest_size * 2 + len('"}')
_CHECKSUM_ADVICE = (
    'if you have written this file yourself, put "checksums": false into its first line'
)


class FileMemory(NamedTuple):
    """One memory of a file, and where it is."""

    line: int
    offset: int
    memory: Mapping[str, Any]


class BadLine(NamedTuple):
    """A line that contains no usable memory."""

    line: int
    offset: int
    problem: str


class ImportFile(NamedTuple):
    """The content of a file to import."""

    name: str
    memories: List[FileMemory]
    """In the order in which to import them."""
    bad_lines: List[BadLine]
    parents: Dict[str, str]
    """New ids of memories that an earlier import created, by the ids that this file uses."""


def read_import_file(lines: Iterable[Line], name: str) -> ImportFile:
    """Parse and verify the lines of a file.

    Args:
        lines: Its lines, without the blank ones.
        name: File name for error messages.

    Raises:
        ValidationError: The file is not an export, has a newer version, is damaged, is truncated or
            goes on after its last line.
    """
    reader: Optional[_Reader] = None
    for line in lines:
        if reader is None:
            reader = _Reader(_header(line, name), name)
        else:
            reader.read(line)
    if reader is None:
        raise invalid_file(f"{name} is empty; it is not a memoryos export")
    return reader.result()


def _header(line: Line, name: str) -> Dict[str, Any]:
    record, problem = _object_in(line.content)
    if record is None:
        raise invalid_file(
            f"{name} is not a memoryos export: line {line.number} {problem}", line=line.number
        )
    if record.get("format") != FORMAT:
        raise invalid_file(
            f"{name} is not a memoryos export: line {line.number} doesn't name the format {FORMAT}",
            line=line.number,
        )
    if record.get("version") != FORMAT_VERSION:
        shown = clipped(f"version {record.get('version')}")
        rule = f"must have format version {FORMAT_VERSION}; update this SDK"
        raise invalid_file(f"path {rule}; got {shown}", line=line.number, rule=rule)
    return record


class _Reader:
    """Reads the lines after the header."""

    def __init__(self, header: Mapping[str, Any], name: str) -> None:
        self._name = name
        self._is_checked = header.get("checksums") is not False
        self._parents = _parents_in(header, name)
        self._memories: List[FileMemory] = []
        self._bad_lines: List[BadLine] = []
        self._lines_of_ids: Dict[str, int] = {}
        self._checksums = hashlib.sha256()
        self._count = 0
        self._last_line = 0
        self._footer: Optional[Mapping[str, Any]] = None

    def read(self, line: Line) -> None:
        """Read one line."""
        if self._footer is not None:
            raise invalid_file(
                f"{self._name} goes on after its last line, line {self._last_line}; "
                "import each export from a file of its own",
                line=line.number,
            )
        self._last_line = line.number
        record, problem = _object_in(line.content)
        if record is None:
            self._refuse_line(line, problem)
        elif "memory" in record:
            self._read_memory(line, record)
        elif "format" in record:
            raise invalid_file(
                f"{self._name} is not complete: another export begins in line {line.number}; "
                "import each export from a file of its own",
                line=line.number,
            )
        elif "count" in record:
            self._footer = record
        else:
            self._refuse_line(line, "contains no memory")

    def _refuse_line(self, line: Line, problem: str) -> None:
        if self._is_checked:
            raise invalid_file(
                f"{self._name} is damaged: line {line.number} {problem}", line=line.number
            )
        self._bad_lines.append(BadLine(line.number, line.offset, f"the line {problem}"))

    def _read_memory(self, line: Line, record: Mapping[str, Any]) -> None:
        memory = record["memory"]
        try:
            canonical = lossless_json.encode(memory, sort_keys=True)
        except (ValueError, RecursionError):
            self._refuse_line(line, "is nested too deeply, or has a number with too many digits")
            return
        digest = hashlib.sha256(canonical).hexdigest()
        if self._is_checked and digest != record.get("sha256"):
            problem = "doesn't match its checksum; export again"
            if "sha256" not in record:
                problem = f"has no checksum; {_CHECKSUM_ADVICE}"
            self._refuse_line(line, problem)
        self._count += 1
        self._checksums.update(digest.encode("ascii"))
        problem = _problem_of(memory)
        if not problem and not self._is_checked and "sha256" not in record:
            problem = _unknown_fields(memory, record) or self._repeated_id(memory["id"], line)
        if not problem and len(line.content.strip()) != len(canonical) + _WRAPPER_BYTES:
            problem = _repeated_key(line.content)  # no line of an export gets here
        if problem:
            self._bad_lines.append(BadLine(line.number, line.offset, problem))
        else:
            self._memories.append(FileMemory(line.number, line.offset, memory))

    def _repeated_id(self, memory_id: str, line: Line) -> str:
        """Return the problem of an id that an earlier line has: whose children are unclear."""
        earlier = self._lines_of_ids.setdefault(memory_id, line.number)
        if earlier == line.number:
            return ""
        return f"the id {clipped(repr(memory_id))} is that of the memory in line {earlier}"

    def result(self) -> ImportFile:
        """Return the content of the file after its last line."""
        if self._is_checked:
            self._check_footer()
        order = import_order([entry.memory for entry in self._memories])
        memories = [self._memories[position] for position in order]
        return ImportFile(self._name, memories, self._bad_lines, self._parents)

    def _check_footer(self) -> None:
        expected = (self._count, self._checksums.hexdigest())
        footer = self._footer
        if footer is None or (footer.get("count"), footer.get("sha256")) != expected:
            count = f"{self._count} {'memory' if self._count == 1 else 'memories'}"
            raise invalid_file(
                f"{self._name} is not complete: it ends after {count}; export again",
                line=self._last_line,
            )


def _object_in(content: bytes) -> Tuple[Optional[Dict[str, Any]], str]:
    """Return the JSON object in a line, and what is wrong if there is none."""
    problem = "isn't a JSON object"
    try:
        record = json_codec.decode(content)
    except UnicodeDecodeError:
        record, problem = None, f"{problem}; it is not UTF-8"
    except RecursionError:
        record, problem = None, "is nested too deeply"
    except ValueError:
        record = None
    if not isinstance(record, dict):
        return None, problem
    return cast("Dict[str, Any]", record), ""


def _parents_in(header: Mapping[str, Any], name: str) -> Dict[str, str]:
    parents: Any = header.get("parents", {})
    if not isinstance(parents, dict):
        raise invalid_file(f"{name}: parents in line 1 isn't an object", line=1)
    found = cast("Dict[str, Any]", parents)
    if not all(isinstance(new_id, str) for new_id in found.values()):
        raise invalid_file(f"{name}: parents in line 1 has values that are not ids", line=1)
    return found


def _problem_of(memory: Any) -> str:
    """Return what makes a memory unusable. The API checks its other fields."""
    if not isinstance(memory, dict):
        return "the memory isn't an object"
    if not isinstance(cast("Dict[str, Any]", memory).get("id"), str):
        return "the memory has no id that is a string"
    return ""


def _unknown_fields(memory: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Return the problem of a line written by hand with fields that would be lost.

    A line with a checksum was exported: a newer service may have sent more fields.
    """
    unknown = memory.keys() - MEMORY_FIELDS
    if unknown:
        hint = "; these belong in its metadata" if unknown.issubset(SEPARATE_KEYS) else ""
        return f"a memory has no field {_names(unknown)}{hint}"
    beside = record.keys() - {"memory"}
    return f"{_names(beside)} must be inside the memory, not beside it" if beside else ""


def _names(keys: AbstractSet[str]) -> str:
    return clipped(", ".join(map(repr, sorted(keys))))


def _repeated_key(content: bytes) -> str:
    """Return the problem of a line in which an object has a key twice: one value would be lost."""
    try:
        parsed_json(content.decode(json_codec.encoding_of(content)))
    except RepeatedKeyError as error:
        return f"the key {error.key} is there twice"
    except ValueError:  # a memory that is nested so deeply is rejected as such
        pass
    return ""
