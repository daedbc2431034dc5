"""Export file format: JSON Lines with a checksum for each memory.

The first line is a header with the format name, the version and the filters. Each following line
contains one memory and its SHA-256. The last line is a footer with the number of memories and a
checksum of their checksums, so that a truncated file is detected before anything is imported.

Every value is read as it was written: an unpaired surrogate is escaped, and an infinity is 1e999.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Dict, Mapping

from memoryos._protocol import lossless_json, operations, times
from memoryos._protocol.response_fields import invalid_fields

FORMAT = "memoryos-export"
FORMAT_VERSION = 1

SIGNATURE = b'{"format":"%s",' % FORMAT.encode("ascii")
"""The first bytes of every export file."""

LAST_LINE = b'{"count":'
"""How the last line of every export file begins."""


def checksum(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an object's canonical JSON: sorted keys, no whitespace."""
    return hashlib.sha256(lossless_json.encode(value, sort_keys=True)).hexdigest()


def filters_of(arguments: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the arguments that select memories, in the form in which the header has them.

    Raises:
        ValidationError: One is invalid.
    """
    operation = operations.list_memories
    given = {
        name: arguments[name]
        for name in operation.arguments
        if arguments.get(name) is not None and name not in ("limit", "offset")
    }
    operations.build_call(operation, given)
    return {
        name: times.to_text(value) if isinstance(value, datetime) else value
        for name, value in given.items()
    }


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


def _line(record: Mapping[str, Any]) -> bytes:
    return lossless_json.encode(record) + b"\n"
